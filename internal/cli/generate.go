package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/stream"
)

type generateFlags struct {
	rules                             []string
	matches, events, hosts, processes count
	seed                              count
	duration, disorder                period
	rate, ties                        decimal
	start                             moment
	output, manifest                  string
}

func newGenerateFlags() *generateFlags {
	whole := func(value, lowest int, unset string) count {
		return count{value: value, min: lowest, unset: unset, reason: fmt.Sprintf("must be %d or more", lowest)}
	}
	return &generateFlags{
		matches: whole(1, 0, ""), events: whole(0, 1, "100,000"), hosts: whole(20, 1, ""), processes: whole(0, 1, "as it comes"),
		seed: whole(1, 0, ""),
	}
}

func (a *app) generateCommand() *cobra.Command {
	f := newGenerateFlags()
	cmd := &cobra.Command{
		Use:   "generate [-r RULES]... [FLAGS]",
		Short: "Make events with matches of rules in them",
		Example: examples(
			"tripline generate -r rules/ --events 100000 -o events.ndjson", "a stream in which each of your rules matches once",
			"tripline generate --seed 7 | tripline scan -r builtin", "another stream, judged as it comes",
			"tripline generate -r mine.toml --matches 50 --manifest planted.ndjson -o events.ndjson", "50 matches of a rule, and which events they are",
			"tripline generate --matches 0 --duration 1h --hosts 500 --rate 2000 | zstd > quiet.ndjson.zst", "7.2 million events in which nothing was planted",
			"tripline generate --ties 0.1 --disorder 5s -o late.ndjson", "equal times, and events that come up to 5 s late",
		),
		Long: `Writes NDJSON as Elastic Defend sends it from Linux hosts: processes that fork, exec
and end, connections and files, made up, of the sizes and with the repetition of
values that real ones have. The same flags give the same bytes.

For each rule events are made that satisfy its query, and are planted among the
others: on some host, at some time, with ids and join keys of their own. Each plant
by itself is one match, or it is left out. In the whole stream a rule that joins by
nothing but the host may meet other events too, and other events may match by
chance: what a scan says counts. --manifest FILE gets a line for each plant: the
rule, the host, the ids of the events.

RULES are as for scan. Rules of which no match could be planted are named at the end.

Exit codes: 0 done; 2 usage, or a rule did not load (the others are planted); 3 not all
was written.`,
		GroupID: groupRules,
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return a.generate(f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVarP(&f.rules, "rules", "r", nil, "a rule file or a folder of `RULES`, again for more (default: builtin, all built-in ones)")
	a.addValueLists(flags)
	flags.Var(&f.matches, "matches", "how many matches of each rule to plant")
	flags.Var(&f.events, "events", "how many events to make, planted ones included")
	flags.Var(&f.duration, "duration", "the event time that they take, such as 90s, 2h or 3d (default: by --rate)")
	flags.Var(&f.rate, "rate", "events in a second of event time (default 200)")
	flags.Var(&f.hosts, "hosts", "how many hosts send them")
	flags.Var(&f.processes, "processes", "how many distinct processes the events that are not planted have")
	flags.Var(&f.start, "start", "the time of the first event (default "+stream.DefaultStart.Format("2006-01-02T15:04:05Z")+")")
	flags.Var(&f.ties, "ties", "the share of events, from 0 to 1, with the timestamp of the one before")
	flags.Var(&f.disorder, "disorder", "how much later than its place an event may be written")
	flags.Var(&f.seed, "seed", "what makes one stream differ from another")
	flags.StringVarP(&f.output, "output", "o", "", "write to `FILE`; - is standard output (default)")
	flags.StringVar(&f.manifest, "manifest", "", "write what was planted to `FILE`")
	mustComplete(cmd, "rules", completeRules)
	return cmd
}

// mostForTerminal is how many events are written to a terminal unasked.
const mostForTerminal = 1000

func (a *app) generate(f *generateFlags) error {
	opts := f.options()
	if f.output == "" && a.StdoutTerminal && (opts.Events == 0 || opts.Events > mostForTerminal) {
		return usage("name a file with -o, pipe them into `tripline scan`, or say -o - if you mean it",
			"standard output is a terminal, and the events are many")
	}
	if f.start.before > 0 {
		return usage("write 2026-02-03 or 2026-02-03T09:00:00Z", "--start %s: there is no newest event to count back from", f.start.text)
	}
	if f.manifest != "" && f.manifest == f.output {
		return usage("name another file", "--manifest %s is where the events go", f.manifest)
	}
	for _, output := range []string{f.output, f.manifest} {
		if err := checkOutput(output, nil, f.rules); err != nil {
			return err
		}
	}
	bad, err := a.rulesToPlant(f, &opts)
	if err != nil {
		return err
	}
	s, err := stream.New(opts)
	if err != nil {
		return generateFault(err)
	}
	if err := a.writeStream(s, f); err != nil {
		return err
	}
	if len(opts.Rules) > 0 && !a.gone() {
		a.sayPlanted(s)
	}
	if bad > 0 {
		return ended(exitUsage)
	}
	return nil
}

func (f *generateFlags) options() stream.Options {
	return stream.Options{
		Seed: uint64(f.seed.value), Events: f.events.value, Duration: f.duration.value, Rate: f.rate.value, Hosts: f.hosts.value, //nolint:gosec // not below 0
		Start: f.startTime(), Ties: f.ties.value, Disorder: f.disorder.value, Processes: f.processes.value, Matches: f.matches.value,
	}
}

// rulesToPlant adds the rules to the options. It returns how many did not load.
func (a *app) rulesToPlant(f *generateFlags, opts *stream.Options) (bad int, err error) {
	if f.matches.value == 0 {
		return 0, nil
	}
	paths := f.rules
	if len(paths) == 0 {
		paths = []string{rule.BuiltinName}
	}
	set, err := a.loadRules(paths)
	if err != nil {
		return 0, err
	}
	for _, r := range set.ready {
		one, err := stream.OfRule(r.rule, opts.Start)
		if err != nil {
			return 0, failure("%s: %v", r.rule.Path, err)
		}
		opts.Rules = append(opts.Rules, one)
	}
	return set.bad, nil
}

// sayPlanted says how many matches were planted, and of which rules none could be,
// and why.
func (a *app) sayPlanted(s *stream.Stream) {
	a.sayf("%s planted", counted(len(s.Planted()), "match", "matches"))
	without := s.Unplanted()
	if len(without) == 0 {
		return
	}
	a.sayf("warning: of %s no match could be planted:", counted(len(without), "rule", "rules"))
	lines := make([]string, len(without))
	for i, u := range without {
		lines[i] = "  " + show.Escape(u.Rule) + ": " + show.Escape(u.Reason)
	}
	slices.Sort(lines)
	a.sayBare(strings.Join(lines, "\n"))
}
