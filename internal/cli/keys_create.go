package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/key"
	"github.com/tripline-sec/tripline/internal/keyring"
)

func (a *app) keysCreateCommand() *cobra.Command {
	var (
		data, name string
		scopes     []string
	)
	format := choice{allowed: []string{"pretty", "json"}}
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Make a key and show it, this once",
		Example: examples(
			"tripline keys create --name web-hosts", "make a key that may send events",
			"tripline keys create --name console --scope read,admin", "make one that reads alerts and reloads rules",
			"tripline keys create --format json | jq -r .encoded", "make one and take what ApiKey wants",
		),
		Long: `A key is id:secret. Basic authentication takes the id as user and the secret as
password; ApiKey and Bearer take the base64 of id:secret. The secret is stored
nowhere: who loses it makes another key. A running daemon knows a new key at once.

Scopes: ingest (store events), read (read events, alerts, metrics), admin (reload,
change alerts). None holds another. The Unix socket of the daemon needs no key.

Exit codes: 0 made; 1 it did not work; 2 usage.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := key.ParseScopes(scopes)
			if err != nil {
				return usage("", "--scope: %v", err)
			}
			return a.keysCreate(cmd.Context(), data, name, set, format)
		},
	}
	a.addDataFlag(cmd, &data)
	cmd.Flags().StringVar(&name, "name", "", "what the key is for, for the list")
	cmd.Flags().StringSliceVar(&scopes, "scope", []string{"ingest"}, "what it may do: ingest, read, admin")
	cmd.Flags().Var(&format, "format", "how to print (default: pretty on a terminal, else json)")
	mustComplete(cmd, "format", format.complete)
	mustComplete(cmd, "scope", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return key.ScopeNames(), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

// madeKey is a new key as JSON.
type madeKey struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Scopes  string `json:"scopes"`
	Key     string `json:"key"`     // id:secret
	Encoded string `json:"encoded"` // its base64
}

func (a *app) keysCreate(ctx context.Context, data, name string, scopes key.Scope, format choice) error {
	made, secret := key.New(name, scopes, a.Now())
	if err := a.withKeys(ctx, data, true, func(ring keyring.Ring) error { return ring.Add(ctx, made) }); err != nil {
		return err
	}
	if format.or(a.StdoutTerminal, "pretty", "json") == "json" {
		return writeLines(a.out, []madeKey{{ID: made.ID, Name: name, Scopes: scopes.String(), Key: secret.String(), Encoded: secret.Encoded()}})
	}
	a.printf("key     %s\nbase64  %s\nscopes  %s\n", secret, secret.Encoded(), scopes)
	a.sayf("keep it now: the secret is stored nowhere and is not shown again")
	if scopes.Has(key.Ingest) {
		a.sayBare(senderLines(secret))
	}
	return nil
}

// senderLines are what to write into the settings of those who send.
func senderLines(s key.Secret) string {
	id, secret, encoded := s.ID, s.Text, s.Encoded()
	return `
  curl            curl -u ` + s.String() + ` http://127.0.0.1:9200/
  Filebeat        output.elasticsearch.api_key: "` + s.String() + `"
  Logstash        api_key => "` + s.String() + `"        (https only; else user and password)
  Fluent Bit      HTTP_User ` + id + `
                  HTTP_Passwd ` + secret + `
  Vector          auth = { strategy = "basic", user = "` + id + `", password = "` + secret + `" }
  rsyslog         uid="` + id + `" pwd="` + secret + `"
  go-elasticsearch        APIKey: "` + encoded + `"
  @elastic/elasticsearch  auth: { apiKey: '` + encoded + `' }
`
}
