package stream

import (
	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/reference"
)

// Rule is a rule of which matches are planted.
type Rule struct {
	ID, Name string
	Query    *eql.Query        // checked, as it is run
	Options  reference.Options // the fields it reads, and the documents it is for
	Indices  []string          // its index patterns
}

// Planted is one planted match.
type Planted struct {
	RuleID string   `json:"rule_id"`
	Rule   string   `json:"rule"`
	Host   string   `json:"host"`
	Events []string `json:"events"` // event.id, in the order of time
}

// Unplanted is a rule of which no match could be planted.
type Unplanted struct {
	RuleID, Rule, Reason string
}

// Planted returns the matches of which all events have been made.
func (s *Stream) Planted() []Planted { return s.plants.planted }

// Unplanted returns the rules of which no match is planted, and why.
func (s *Stream) Unplanted() []Unplanted { return s.plants.unplanted }

type planter struct {
	events    int
	planted   []Planted
	unplanted []Unplanted
}

func newPlanter(*Options, *scene) *planter { return &planter{} }

func (p *planter) take(dst []byte, until int64) ([]byte, int64, bool) { return dst, 0, false }
