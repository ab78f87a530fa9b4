package cli

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/config"
	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/keyring"
	"github.com/tripline-sec/tripline/internal/state"
)

func (a *app) keysCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make and revoke the keys that senders over TCP need",
		Example: examples(
			"tripline keys create --name web-hosts", "make a key that may send events",
			"tripline keys list", "which keys there are",
		),
		GroupID: groupDaemon,
		Args:    onlyCommands,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.keysCreateCommand(), a.keysListCommand(), a.keysRevokeCommand())
	return cmd
}

// addDataFlag adds --data to a command of the daemon's folder.
func (a *app) addDataFlag(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "data", "", "the daemon's data folder (default: $TRIPLINE_DATA, else "+filepath.Join("~", ".local", "state", "tripline")+", for root /var/lib/tripline)")
	_ = cmd.MarkFlagDirname("data") // the flag is there
}

// dataDir is the folder that a flag names, else the one that the daemon is told of.
func (a *app) dataDir(flag string) (string, error) {
	dir, err := config.DataFrom(flag, a.Getenv)
	if err != nil {
		return "", failure("%v", err)
	}
	if dir == "" {
		return "", usage("give one with --data", "there is no home folder to look for the data folder in")
	}
	return dir, nil
}

// withKeys opens the keys of a data folder. make says that the folder may be new:
// keys are made before the daemon runs for the first time.
func (a *app) withKeys(ctx context.Context, flag string, make bool, do func(keyring.Ring) error) error {
	dir, err := a.dataDir(flag)
	if err != nil {
		return err
	}
	open := state.OpenExisting
	if make {
		open = state.Open
	}
	s, err := open(ctx, disk.OS{}, dir)
	switch {
	case errors.Is(err, state.ErrNone):
		return &fault{code: exitFailure, reason: "there is no data folder of Tripline at " + dir, hint: "name it with --data DIR"}
	case err != nil:
		return failure("%v", err)
	}
	err = do(keyring.Ring{State: s})
	return errors.Join(err, s.Close())
}
