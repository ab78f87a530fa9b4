package cli

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/rule"
)

// licenseTexts are the licences of Tripline and of what it is built with, as
// they came with it.
//
//go:embed licenses/*.txt
var licenseTexts embed.FS

// component is something that Tripline is built with.
type component struct {
	module  string
	license string
	texts   string // its files in licenses/ begin with this
	use     string // where it is not in every binary
}

const testsOnly = "tests only"

var components = []component{
	{"github.com/beorn7/perks", "MIT", "perks", ""},
	{"github.com/cespare/xxhash/v2", "MIT", "xxhash", ""},
	{"github.com/fsnotify/fsnotify", "BSD-3-Clause", "fsnotify", ""},
	{"github.com/go-chi/chi/v5", "MIT", "chi", ""},
	{"github.com/google/uuid", "BSD-3-Clause", "uuid", ""},
	{"github.com/inconshreveable/mousetrap", "Apache-2.0", "mousetrap", "Windows only"},
	{"github.com/klauspost/compress", "BSD-3-Clause, Apache-2.0 and MIT", "compress", ""},
	{"github.com/mitchellh/colorstring", "MIT", "colorstring", ""},
	{"github.com/munnerz/goautoneg", "BSD-3-Clause", "goautoneg", ""},
	{"github.com/ncruces/go-sqlite3", "MIT", "go-sqlite3", "with SQLite, which is in the public domain"},
	{"github.com/ncruces/go-sqlite3-wasm/v6", "MIT-0", "sqlite3-wasm", ""},
	{"github.com/ncruces/julianday", "MIT", "julianday", ""},
	{"github.com/pelletier/go-toml/v2", "MIT", "go-toml", ""},
	{"github.com/prometheus/client_golang", "Apache-2.0", "client-golang", ""},
	{"github.com/prometheus/client_model", "Apache-2.0", "client-model", ""},
	{"github.com/prometheus/common", "Apache-2.0", "prometheus-common", ""},
	{"github.com/prometheus/procfs", "Apache-2.0", "procfs", ""},
	{"github.com/rivo/uniseg", "MIT", "uniseg", ""},
	{"github.com/rogpeppe/go-internal", "BSD-3-Clause", "go-internal", testsOnly},
	{"github.com/santhosh-tekuri/jsonschema/v6", "Apache-2.0", "jsonschema", testsOnly},
	{"github.com/schollz/progressbar/v3", "MIT", "progressbar", ""},
	{"github.com/spf13/cobra", "Apache-2.0", "cobra", ""},
	{"github.com/spf13/pflag", "BSD-3-Clause", "pflag", ""},
	{"github.com/valyala/fastjson", "MIT", "fastjson", testsOnly},
	{"golang.org/x/sync", "BSD-3-Clause", "x-sync", ""},
	{"golang.org/x/sys", "BSD-3-Clause", "x-sys", ""},
	{"golang.org/x/term", "BSD-3-Clause", "x-term", ""},
	{"golang.org/x/text", "BSD-3-Clause", "x-text", ""},
	{"golang.org/x/tools", "BSD-3-Clause", "x-tools", testsOnly},
	{"google.golang.org/protobuf", "BSD-3-Clause", "protobuf", ""},
}

func (a *app) licensesCommand() *cobra.Command {
	var full bool
	cmd := &cobra.Command{
		Use:   "licenses",
		Short: "Show what is under which licence",
		Example: examples(
			"tripline licenses", "list the parts and their licences",
			"tripline licenses --full | less", "read the licences themselves",
		),
		GroupID: groupAbout,
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			if full {
				return a.fullLicenses()
			}
			return a.licenses()
		},
	}
	cmd.Flags().BoolVar(&full, "full", false, "print the text of each licence")
	return cmd
}

func (a *app) licenses() error {
	rules, err := rule.Builtin()
	if err != nil {
		return err
	}
	row := func(name, license, note string) {
		if note != "" {
			note = "  (" + note + ")"
		}
		a.printf("%-40s %s%s\n", name, license, note)
	}
	row("Tripline", "Apache-2.0", "")
	for _, r := range rules {
		row("Rule: "+r.Name, "", "")
		row("  by "+strings.Join(r.Author, ", ")+", version "+fmt.Sprint(r.Version), r.License, "compiled in, as data")
	}
	for _, c := range components {
		row(c.module, c.license, c.use)
	}
	row("Go and its standard library", "BSD-3-Clause", "")
	return nil
}

// fullLicenses prints every licence under the name of what it is for.
func (a *app) fullLicenses() error {
	title := func(name string) {
		a.printf("%s\n%s\n\n", name, strings.Repeat("=", len(name)))
	}
	print := func(files fs.FS, pattern string) error {
		names, err := fs.Glob(files, pattern)
		if err != nil || len(names) == 0 {
			return fmt.Errorf("read licence %s: none (%w)", pattern, err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(files, name)
			if err != nil {
				return fmt.Errorf("read licence: %w", err)
			}
			a.printf("%s\n\n", strings.TrimSpace(string(data)))
		}
		return nil
	}
	title("Tripline")
	if err := print(licenseTexts, "licenses/tripline.txt"); err != nil {
		return err
	}
	title("Built-in rule")
	if err := print(rule.BuiltinFiles(), "LICENSE*.txt"); err != nil {
		return err
	}
	for _, c := range components {
		if c.use == testsOnly {
			continue
		}
		title(c.module)
		if err := print(licenseTexts, "licenses/"+c.texts+"*.txt"); err != nil {
			return err
		}
	}
	title("Go and its standard library")
	return print(licenseTexts, "licenses/go.txt")
}
