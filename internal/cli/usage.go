package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/value"
)

// didYouMean is a hint that names the words close to one; "" if none is.
func didYouMean(word string, known []string) string {
	near := value.Suggest(word, known)
	if len(near) == 0 {
		return ""
	}
	return "did you mean " + orList(near) + "?"
}

// flagFault says what is wrong with a flag and which one may have been meant.
func flagFault(cmd *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		missing *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
	)
	see := "see `" + cmd.CommandPath() + " --help`"
	switch {
	case errors.As(err, &unknown):
		written := "--" + unknown.GetSpecifiedName()
		if short := unknown.GetSpecifiedShortnames(); short != "" {
			written = "-" + short
		}
		hint := didYouMean("--"+strings.TrimLeft(written, "-"), flagNames(cmd))
		if hint == "" {
			hint = see
		}
		return usage(hint, "unknown flag %s", written)
	case errors.As(err, &missing):
		return usage(see, "--%s needs a value", missing.GetFlag().Name)
	case errors.As(err, &invalid):
		hint, reason := "", errors.Unwrap(err).Error()
		var bad *badValue
		if errors.As(err, &bad) {
			hint = bad.hint
		}
		return usage(hint, "--%s %s: %s", invalid.GetFlag().Name, show.ShellWord(invalid.GetValue()), reason)
	}
	return usage(see, "%v", err)
}

// flagNames returns the flags that a command takes, with their dashes.
func flagNames(cmd *cobra.Command) []string {
	var names []string
	add := func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	}
	cmd.Flags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	return names
}

// commandFault says that a command is unknown and which one may have been meant.
func commandFault(parent *cobra.Command, word string) error {
	var names []string
	for _, c := range parent.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	hint := didYouMean(word, names)
	if hint == "" {
		hint = "see `" + parent.CommandPath() + " --help`"
	}
	return usage(hint, "unknown command %s", show.ShellWord(word))
}

// noArgs takes no argument.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("see `"+cmd.CommandPath()+" --help`", "%s takes no argument, not %s", cmd.CommandPath(), show.ShellWord(args[0]))
	}
	return nil
}

// onlyCommands is for a command that does nothing but hold others.
func onlyCommands(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return commandFault(cmd, args[0])
	}
	return nil
}
