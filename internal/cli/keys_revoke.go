package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/keyring"
	"github.com/tripline-sec/tripline/internal/show"
)

func (a *app) keysRevokeCommand() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "revoke ID...",
		Short: "Make keys open nothing any more",
		Example: examples(
			"tripline keys revoke 3f0c8b3a11114222a833", "end a key",
		),
		Long: `A running daemon believes a key that it has just seen for two seconds more.

Exit codes: 0 revoked; 1 there is no such key that holds, or it did not work; 2 usage.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("`tripline keys list` shows them", "tripline keys revoke needs the id of a key")
			}
			return a.keysRevoke(cmd.Context(), data, args)
		},
	}
	a.addDataFlag(cmd, &data)
	return cmd
}

// keysRevoke revokes all that can be, and says which can not.
func (a *app) keysRevoke(ctx context.Context, data string, ids []string) error {
	return a.withKeys(ctx, data, false, func(ring keyring.Ring) error {
		var wrong faults
		for _, id := range ids {
			done, err := ring.Revoke(ctx, id, a.Now())
			switch {
			case err != nil:
				return failure("%v", err)
			case !done:
				wrong = append(wrong, &fault{
					code: exitFailure, reason: "there is no key " + id + " that holds",
					hint: "`tripline keys list` shows them; an id is what stands before the colon",
				})
			default:
				a.sayf("revoked %s", show.Escape(id))
			}
		}
		if len(wrong) > 0 {
			return wrong
		}
		return nil
	})
}
