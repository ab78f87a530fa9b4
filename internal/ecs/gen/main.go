// Command gen writes internal/ecs/fields.txt from two tables of field facts in
// one folder: ecs.csv (columns field,type,array) and endpoint.csv (columns
// field,type,data_streams).
//
//	go run ./internal/ecs/gen -from FOLDER -to internal/ecs/fields.txt
//
// A line of the output is `name type source`, the type followed by [] where the
// schema says that the field holds an array. Lines are sorted by name.
package main

import (
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// tables are read in this order; the first that names a field wins.
var tables = []struct{ file, source string }{
	{"ecs.csv", "ecs"},
	{"endpoint.csv", "endpoint"},
}

func main() {
	from := flag.String("from", "", "folder with ecs.csv and endpoint.csv")
	to := flag.String("to", "fields.txt", "file to write")
	flag.Parse()
	if err := run(*from, *to); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	text, err := generate(from)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write fields: %w", err)
	}
	return nil
}

// generate returns the text of fields.txt for the tables in a folder.
func generate(from string) (string, error) {
	lines := map[string]string{}
	for _, t := range tables {
		if err := read(filepath.Join(from, t.file), t.source, lines); err != nil {
			return "", err
		}
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		b.WriteString(lines[name])
		b.WriteByte('\n')
	}
	return b.String(), nil
}

// read adds the fields of one table that no table before it named.
func read(path, source string, lines map[string]string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open table: %w", err)
	}
	defer f.Close()
	rows := csv.NewReader(f)
	for first := true; ; first = false {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		if first {
			if len(row) != 3 || row[0] != "field" || row[1] != "type" {
				return fmt.Errorf("read %s: the first line must begin with field,type", path)
			}
			continue
		}
		name, typ := row[0], row[1]
		if name == "" || typ == "" || strings.ContainsAny(name+typ, " \n") {
			return fmt.Errorf("read %s: bad row %q", path, row)
		}
		if row[2] == "array" {
			typ += "[]"
		}
		if _, taken := lines[name]; !taken {
			lines[name] = name + " " + typ + " " + source
		}
	}
}
