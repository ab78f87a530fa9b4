package stream

import (
	"cmp"
	"slices"
)

// Planted is one planted match.
type Planted struct {
	RuleID string   `json:"rule_id"`
	Rule   string   `json:"rule"`
	Host   string   `json:"host"`   // host.name
	Events []string `json:"events"` // event.id, in the order of time
}

// Unplanted is a rule of which a match could not be planted.
type Unplanted struct {
	RuleID, Rule, Reason string
}

// Planted returns the matches that were planted so far.
func (s *Stream) Planted() []Planted { return s.plants.planted }

// Unplanted returns the rules of which not all matches are planted, and why.
func (s *Stream) Unplanted() []Unplanted { return s.plants.unplanted }

// planter plants matches in a stream.
type planter struct {
	scene     *scene // its own lots, the stream's hosts
	plans     []plan // in the order of time
	waiting   []waiting
	events    int // of all plans
	lost      int // events of plans that came to nothing
	planted   []Planted
	unplanted []Unplanted
}

// plan is a match to come.
type plan struct {
	recipe *recipe
	host   *host
	at     int64
	number int
}

// waiting is a document that is to be written at its time.
type waiting struct {
	doc  tree
	host *host
	at   int64
	no   int
}

// newPlanter finds out how to make matches of the rules, and when.
func newPlanter(opts *Options, s *scene) *planter {
	own := *s
	own.dice = newDice(opts.Seed, "plants")
	p := &planter{scene: &own}
	spread := newSpread(p.scene, int64(opts.Duration))
	for i := range opts.Rules {
		r := &opts.Rules[i]
		own.now = s.now
		c, err := newRecipe(r, p.scene, int64(opts.Duration)/2)
		if err != nil {
			p.unplanted = append(p.unplanted, Unplanted{r.ID, r.Name, err.Error()})
			continue
		}
		for k := range opts.Matches {
			host, at := spread.place(c, k, opts.Matches)
			if c.alone() {
				host = p.quietHost(len(opts.Rules)*opts.Matches + len(p.plans))
			}
			p.plans = append(p.plans, plan{c, host, s.now + at, len(p.plans)})
			p.events += len(c.events)
		}
	}
	slices.SortStableFunc(p.plans, func(a, b plan) int {
		return compareTimes(waiting{at: a.at, no: a.number}, waiting{at: b.at, no: b.number})
	})
	return p
}

// quietHost makes a host on which nothing happens but what is planted.
func (p *planter) quietHost(number int) *host {
	now := p.scene.now
	h := newHost(p.scene.dice, p.scene.catalog, len(p.scene.hosts)+number, now)
	h.start(p.scene.dice, p.scene.catalog, p.scene, 0)
	return h
}

// take appends the next planted event if there is one until a time.
func (p *planter) take(dst []byte, until int64) ([]byte, int64, bool) {
	for len(p.plans) > 0 && p.plans[0].at <= until && (len(p.waiting) == 0 || p.plans[0].at <= p.waiting[0].at) {
		p.begin(p.plans[0])
		p.plans = p.plans[1:]
	}
	if len(p.waiting) == 0 || p.waiting[0].at > until {
		return dst, 0, false
	}
	w := p.waiting[0]
	p.waiting = p.waiting[1:]
	w.host.sequence++
	w.doc.set("event.sequence", w.host.sequence)
	return append(dst, marshal(w.doc)...), w.at, true
}

// begin makes the documents of a match and lets them wait.
func (p *planter) begin(next plan) {
	made := newPlant(next.recipe, p.scene, next.host, next.at, next.number)
	docs := made.build()
	if !next.recipe.confirmed(docs) { // what may stay depends on the documents: try with less
		plain := *next.recipe
		plain.chosen = map[choice]bool{}
		made.recipe = &plain
		docs = made.build()
		if !plain.confirmed(docs) {
			p.lost += len(docs)
			u := Unplanted{next.recipe.rule.ID, next.recipe.rule.Name, errUnlike.Error()}
			if !slices.Contains(p.unplanted, u) {
				p.unplanted = append(p.unplanted, u)
			}
			return
		}
	}
	r := next.recipe.rule
	p.planted = append(p.planted, Planted{r.ID, r.Name, next.host.name, made.ids})
	for i, doc := range docs {
		p.waiting = append(p.waiting, waiting{doc, next.host, made.times[i], next.number})
	}
	slices.SortStableFunc(p.waiting, compareTimes)
}

// compareTimes orders documents that wait by time, and those of one time as they
// came.
func compareTimes(a, b waiting) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.no, b.no)) }
