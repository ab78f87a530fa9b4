package config

import (
	"os"
	"path/filepath"
	"strings"
)

// whole makes a path whole, if the setting is one.
func (f *field) whole(text, from string) string {
	kind := f.tag.Get("path")
	switch {
	case kind == "" || text == "" || from == "":
		return text
	case kind == "rules" && text == Builtin, kind == "off" && text == Off:
		return text
	}
	if rest, ok := strings.CutPrefix(text, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if filepath.IsAbs(text) {
		return filepath.Clean(text)
	}
	return filepath.Join(from, text)
}

// DataDir returns where a daemon keeps things if nothing else is said: for root in
// /var/lib, else where the user's programs do. "" means that there is no home folder
// to look in.
func DataDir(getenv func(string) string) string {
	if os.Geteuid() == 0 {
		return "/var/lib/tripline"
	}
	base := getenv("XDG_STATE_HOME")
	if base == "" {
		home := getenv("HOME")
		if home == "" {
			return ""
		}
		base = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(base, "tripline")
}

// usualFiles are where a file is looked for if none is named; the first that is there
// counts.
func usualFiles(getenv func(string) string) []string {
	var files []string
	base := getenv("XDG_CONFIG_HOME")
	if home := getenv("HOME"); base == "" && home != "" {
		base = filepath.Join(home, ".config")
	}
	if base != "" {
		files = append(files, filepath.Join(base, "tripline", "tripline.yaml"))
	}
	return append(files, "/etc/tripline/tripline.yaml")
}
