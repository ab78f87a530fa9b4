package config

import (
	"fmt"
	"reflect"
	"strings"
)

// Table is the page of all settings, for the documentation.
func Table() string {
	var b strings.Builder
	section := func(title string, of reflect.Value, prefix string) {
		fmt.Fprintf(&b, "### %s\n\n| setting | default | what it is |\n| --- | --- | --- |\n", title)
		for _, f := range fields(of, prefix, "") {
			if f.entries() {
				continue
			}
			text := f.tag.Get("default")
			switch {
			case f.tag.Get("need") != "":
				text = "(needed)"
			case text != "":
				text = "`" + text + "`"
			}
			help := f.tag.Get("help")
			if len(f.choice) > 0 {
				help += " (`" + strings.Join(f.choice, "`, `") + "`)"
			}
			if kinds := f.tag.Get("kinds"); kinds != "" {
				help = strings.Join(strings.Fields(kinds), ", ") + ": " + help
			}
			if flag := f.tag.Get("flag"); flag != "" {
				help += "; `--" + flag + "`"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.path, text, help)
		}
		b.WriteByte('\n')
	}
	section("All", reflect.ValueOf(&Config{}).Elem(), "")
	section("A source under `sources.follow`", reflect.ValueOf(&Follow{}).Elem(), "")
	section("A sink under `sinks`", reflect.ValueOf(&Sink{}).Elem(), "")
	return strings.TrimSuffix(b.String(), "\n")
}
