package proctree

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
)

func doc(t *testing.T, n int, text string) *event.Document {
	t.Helper()
	d, err := event.Decode([]byte(text), event.Identity{ID: fmt.Sprint(n)}, uint64(n))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// sshd(10) starts bash(20), which starts python(30), which forks sh(40).
func family(t *testing.T) (*Tree, []*event.Document) {
	t.Helper()
	docs := []*event.Document{
		doc(t, 0, `{"@timestamp": 1000, "host.id": "h", "process": {"entity_id": "b", "pid": 20, "name": "bash", "parent": {"entity_id": "s", "name": "sshd", "pid": 10}, "Ext": {"ancestry": ["s", "i"]}}}`),
		doc(t, 1, `{"@timestamp": 1100, "host.id": "h", "process": {"entity_id": "p", "pid": 30, "name": "bash", "parent": {"entity_id": "b", "name": "bash", "pid": 20}}, "event.action": "fork"}`),
		doc(t, 2, `{"@timestamp": 1200, "host.id": "h", "process": {"entity_id": "p", "pid": 30, "name": "python3.11", "parent": {"entity_id": "b", "name": "bash", "pid": 20}}, "event.action": "exec"}`),
		doc(t, 3, `{"@timestamp": 1300, "host.id": "h", "process": {"entity_id": "p", "pid": 30, "name": "python3.11", "Ext": {"ancestry": ["b"]}}, "destination.ip": "203.0.113.9"}`),
		doc(t, 4, `{"@timestamp": 1400, "host.id": "h", "process": {"entity_id": "c", "pid": 40, "name": "sh", "parent": {"entity_id": "p", "name": "python3.11", "pid": 30}}}`),
		doc(t, 5, `{"@timestamp": 1500, "host.id": "other", "process": {"entity_id": "p", "pid": 31, "name": "elsewhere"}}`),
		doc(t, 6, `{"@timestamp": 1600, "host.id": "h", "process": {"name": "of no entity"}}`),
	}
	tree := New()
	for _, d := range docs {
		tree.See(d)
	}
	return tree, docs
}

func TestAncestors(t *testing.T) {
	tree, docs := family(t)
	bash, sshd := Process{"b", "bash", 20}, Process{"s", "sshd", 10}
	for i, want := range [][]Process{
		0: {sshd},
		1: {bash, sshd},
		2: {bash, sshd},
		3: {bash, sshd},
		4: {{"p", "python3.11", 30}, bash, sshd},
		5: nil,
		6: nil,
	} {
		if got := tree.Ancestors(docs[i]); !reflect.DeepEqual(got, want) {
			t.Errorf("event %d: %v, want %v", i, got, want)
		}
	}
}

// A process that says it is its own ancestor does not hang anything.
func TestAncestorsInACircle(t *testing.T) {
	tree := New()
	a := doc(t, 0, `{"process": {"entity_id": "a", "name": "a", "parent": {"entity_id": "b", "name": "b"}}}`)
	b := doc(t, 1, `{"process": {"entity_id": "b", "name": "b", "parent": {"entity_id": "a", "name": "a"}}}`)
	self := doc(t, 2, `{"process": {"entity_id": "s", "name": "s", "parent": {"entity_id": "s", "name": "s"}}}`)
	for _, d := range []*event.Document{a, b, self} {
		tree.See(d)
	}
	if got := len(tree.Ancestors(a)); got != MostAncestors {
		t.Errorf("%d ancestors in a circle, want %d", got, MostAncestors)
	}
	if got := tree.Family([]*event.Document{a}); len(got) != 0 {
		t.Errorf("events without time have a place in it: %v", got)
	}
}

// What is known only by name is shown by name.
func TestAncestorByNameOnly(t *testing.T) {
	tree := New()
	d := doc(t, 0, `{"process": {"entity_id": "a", "name": "a", "parent": {"name": "cron"}}}`)
	tree.See(d)
	if got := tree.Ancestors(d); !reflect.DeepEqual(got, []Process{{Name: "cron"}}) {
		t.Errorf("%v", got)
	}
}

func TestFamily(t *testing.T) {
	tree, docs := family(t)
	for from, want := range map[int]string{0: "[0 1 2 3 4]", 3: "[1 2 3 4]", 4: "[4]", 5: "[5]", 6: "[]"} {
		var ids []string
		for _, d := range tree.Family([]*event.Document{docs[from]}) {
			ids = append(ids, d.ID)
		}
		if got := fmt.Sprint(ids); got != want {
			t.Errorf("family of event %d: %s, want %s", from, got, want)
		}
	}
	if got := len(tree.Family([]*event.Document{docs[3], docs[2], docs[5]})); got != 5 {
		t.Errorf("two families: %d events, want 5", got)
	}
}

// Where two documents name different parents of a process, each parent stays
// the child of its own.
func TestFamilyOfAProcessWithTwoParents(t *testing.T) {
	tree := New()
	for n, text := range []string{
		`{"@timestamp": 1, "process": {"entity_id": "c", "parent": {"entity_id": "p"}}}`,
		`{"@timestamp": 2, "process": {"entity_id": "c", "Ext": {"ancestry": ["q", "g"]}}}`,
		`{"@timestamp": 3, "process": {"entity_id": "q"}}`,
		`{"@timestamp": 4, "process": {"entity_id": "g"}}`,
	} {
		tree.See(doc(t, n, text))
	}
	var ids []string
	for _, d := range tree.Family([]*event.Document{doc(t, 3, `{"process": {"entity_id": "g"}}`)}) {
		ids = append(ids, d.ID)
	}
	if got := fmt.Sprint(ids); got != "[2 3]" {
		t.Errorf("family: %s, want what q and g did", got)
	}
}
