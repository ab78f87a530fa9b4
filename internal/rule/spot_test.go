package rule

import "testing"

// Place is where a field's value stands, and where the rule starts for a field
// that is not written.
func TestPlaceOfAField(t *testing.T) {
	toml := "# x\n[metadata]\n[rule]\n" + base[len("[rule]\n"):] + "max_signals = 5\n"
	json := `[{"type":"eql"}, 
 {"rule_id":"j1","name":"J","description":"x","type":"eql","language":"eql","severity":"low",
  "risk_score":21,"query":"process where true"}]`
	for _, tt := range []struct {
		set       *Set
		field     string
		line, col int
	}{
		{ReadTOML("a.toml", []byte(toml)), "name", 4, 8},
		{ReadTOML("a.toml", []byte(toml)), "note", 3, 1},
		{ReadTOML("a.toml", []byte(toml)), "max_signals", 14, 15},
		{ReadJSON("a.json", []byte(json)), "risk_score", 3, 16},
		{ReadJSON("a.json", []byte(json)), "note", 2, 1},
	} {
		if len(tt.set.Rules) != 1 {
			t.Fatalf("%d rules, %v", len(tt.set.Rules), tt.set.Problems)
		}
		if line, col := tt.set.Rules[0].Place(tt.field); line != tt.line || col != tt.col {
			t.Errorf("%s stands at %d:%d, want %d:%d", tt.field, line, col, tt.line, tt.col)
		}
	}
	if line, col := (&Rule{}).Place("name"); line != 0 || col != 1 {
		t.Errorf("a field of a rule without a file stands at %d:%d", line, col)
	}
}
