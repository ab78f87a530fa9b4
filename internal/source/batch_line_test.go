package source

import "testing"

func TestMayWrap(t *testing.T) {
	for key := range besideSource {
		if !mayWrap([]byte(`{"` + key + `":1,"_source":{}}`)) {
			t.Errorf("an object that begins with %q can not be a hit", key)
		}
	}
	for text, want := range map[string]bool{
		`{"_index":"i"}`: true, "{ \t\"_id\":\"1\"}": true, `{"\u0073ort":1}`: true,
		`{"@timestamp":"2026"}`: false, `{}`: false, `{ `: false, `{"`: false, `{1}`: false, `{"":1}`: false,
	} {
		if got := mayWrap([]byte(text)); got != want {
			t.Errorf("mayWrap(%s) = %v", text, got)
		}
	}
}
