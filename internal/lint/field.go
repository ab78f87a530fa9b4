package lint

import (
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/ecs"
	"github.com/tripline-sec/tripline/internal/value"
)

// givenUp names fields that newer events do not have and what took their place.
var givenUp = map[string]string{
	"agent.hostname":         "host.name or agent.name",
	"beat.hostname":          "host.name or agent.name",
	"beat.name":              "agent.name",
	"beat.version":           "agent.version",
	"host.user.domain":       "user.domain",
	"host.user.id":           "user.id",
	"host.user.name":         "user.name",
	"log.original":           "event.original",
	"process.parent.pgid":    "process.parent.group_leader.pid",
	"process.parent.ppid":    "process.parent.pid of the parent's own event",
	"process.pgid":           "process.group_leader.pid",
	"process.ppid":           "process.parent.pid",
	"signal.rule.id":         "kibana.alert.rule.uuid",
	"signal.rule.name":       "kibana.alert.rule.name",
	"signal.original_time":   "kibana.alert.original_time",
	"winlog.event_data.Path": "file.path",
}

// families of fields that were given up as a whole.
var familiesGivenUp = map[string]string{
	"endgame.": "Endgame's sensor is no longer made; use Elastic Defend's fields",
	"signal.":  "alerts have their fields under kibana.alert",
	"beat.":    "the fields of agents are under agent",
}

// fieldNames looks at every name of a field, the join keys too.
func (s *subject) fieldNames() {
	seen := map[string]bool{}
	look := func(f *eql.Field) {
		name := f.Name()
		if seen[name] {
			return
		}
		seen[name] = true
		s.fieldName(f, name)
	}
	keys := func(fields []*eql.Field) {
		for _, f := range fields {
			look(f)
		}
	}
	terms := func(terms []*eql.Term) {
		for _, t := range terms {
			keys(t.Keys)
		}
	}
	switch b := s.parsed.Body.(type) {
	case *eql.Sequence:
		keys(b.Keys)
		terms(b.Terms)
		if b.Until != nil {
			keys(b.Until.Keys)
		}
	case *eql.Sample:
		keys(b.Keys)
		terms(b.Terms)
	}
	for _, f := range filters(s.parsed) {
		eql.Walk(f.filter.Condition, func(e eql.Expr) {
			if f, ok := e.(*eql.Field); ok {
				look(f)
			}
		})
	}
}

func (s *subject) fieldName(f *eql.Field, name string) {
	if instead, ok := givenUp[name]; ok {
		s.inQuery(deprecatedField, f.At, "use "+instead, "[%s] has been given up", name)
		return
	}
	for family, hint := range familiesGivenUp {
		if strings.HasPrefix(name, family) {
			s.inQuery(deprecatedField, f.At, hint, "[%s] has been given up", name)
			return
		}
	}
	if _, ok := ecs.Lookup(name); ok || s.ownField(name) {
		return
	}
	hint := "write ?" + name + " if it may be missing"
	if near := value.Suggest(name, ecs.Names()); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	} else if f.Optional || !s.onlyDefend() {
		return // other integrations have fields of their own
	}
	s.inQuery(unknownField, f.At, hint, "[%s] is a field of neither ECS nor Elastic Defend", name)
}

// onlyDefend reports whether the rule reads nothing but Elastic Defend's events,
// all of whose fields are known.
func (s *subject) onlyDefend() bool {
	for _, pattern := range s.rule.Patterns() {
		if !strings.HasPrefix(pattern, "logs-endpoint.") && !strings.HasPrefix(pattern, "-") {
			return false
		}
	}
	return true
}

// ownField reports whether the rule itself says that the field exists.
func (s *subject) ownField(name string) bool {
	for _, f := range s.rule.RequiredFields {
		if f.Name == name {
			return true
		}
	}
	return name == s.rule.TimestampField || name == s.rule.EventCategoryOverride || name == s.rule.TiebreakerField
}
