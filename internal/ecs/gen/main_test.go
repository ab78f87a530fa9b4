package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write makes a folder with the two tables.
func write(t *testing.T, ecs, endpoint string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"ecs.csv": ecs, "endpoint.csv": endpoint} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRun(t *testing.T) {
	dir := write(t,
		"field,type,array\nprocess.args,keyword,array\nhost.ip,ip,\n",
		"field,type,data_streams\nhost.ip,keyword,process\nEndpoint.policy,object,alerts\n")
	out := filepath.Join(dir, "fields.txt")
	if err := run(dir, out); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	// Sorted by name; the first table wins host.ip.
	want := "Endpoint.policy object endpoint\nhost.ip ip ecs\nprocess.args keyword[] ecs\n"
	if string(got) != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

func TestRunRefuses(t *testing.T) {
	good := "field,type,array\na,long,\n"
	tests := []struct{ name, ecs, endpoint, want string }{
		{"header", "name,kind,array\n", good, "first line"},
		{"columns", "field,type,array\na,b\n", good, "wrong number of fields"},
		{"empty type", good, "field,type,x\na,,\n", "bad row"},
		{"space in name", good, "field,type,x\na b,long,\n", "bad row"},
	}
	for _, tt := range tests {
		dir := write(t, tt.ecs, tt.endpoint)
		err := run(dir, filepath.Join(dir, "out"))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.want)
		}
	}
	if err := run(t.TempDir(), "out"); err == nil || !strings.Contains(err.Error(), "open table") {
		t.Errorf("empty folder: error %v", err)
	}
	dir := write(t, good, good)
	if err := run(dir, filepath.Join(dir, "no", "such", "folder")); err == nil || !strings.Contains(err.Error(), "write fields") {
		t.Errorf("unwritable: error %v", err)
	}
}

// TestCommittedText: the committed file is what the generator makes of the tables.
func TestCommittedText(t *testing.T) {
	from := filepath.Join("..", "..", "..", "..", "shared", "spec", "fields")
	if _, err := os.Stat(from); err != nil {
		t.Skipf("the field tables are not beside the clone: %v", err)
	}
	want, err := generate(from)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", "fields.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("fields.txt is not what the generator makes: run go generate")
	}
}
