package cli

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Show the version",
		GroupID: groupAbout,
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			a.printf("tripline %s\n", a.versionText())
			return nil
		},
	}
}

func (a *app) versionText() string {
	info, _ := debug.ReadBuildInfo() // nil: nothing is known
	return versionText(a.Version, info)
}

// versionText is the given version, else what Go recorded, and what it was
// built from and for.
func versionText(given string, info *debug.BuildInfo) string {
	if info == nil {
		info = &debug.BuildInfo{}
	}
	text, commit, changed := given, "", ""
	if text == "" {
		text = info.Main.Version
	}
	if text == "" || text == "(devel)" {
		text = "devel"
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = "commit " + s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " with changes"
		}
	}
	built := runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH
	if commit != "" {
		built = commit + changed + ", " + built
	}
	return text + " (" + built + ")"
}
