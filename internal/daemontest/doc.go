// Package daemontest runs the built command as a daemon, from outside: it starts the
// process, posts events over its Unix socket as any client does, reads what it writes
// to standard output, and kills it.
//
//	binary, err := daemontest.Build(dir)
//	p, err := daemontest.Start(daemontest.Options{Binary: binary, Data: data})
//	err = p.Ready(ctx)
//	statuses, err := p.Client.Bulk(ctx, docs)
//	p.Kill()
//
// Its tests are what holds only of a real process: that SIGKILL loses nothing and
// doubles nothing, and that recorded shells reach the terminal. The command bench below
// it measures the same process under load.
//
// Each Process has a goroutine that reads its output; Kill and Stop wait for both.
package daemontest
