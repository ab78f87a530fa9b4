package alert

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/tripline-sec/tripline/internal/event"
)

// Kibana's alert ids are SHA-256 over texts set one after the other. Version,
// window and time are in none of them, so judging again gives the same id.
const (
	// space is the Kibana space whose alerts these would be.
	space = "default"
	// noVersion stands for the version of a hit, which an EQL answer does not
	// have; Kibana hashes JavaScript's text for that.
	noVersion = "undefined"
)

// eventID returns the id of a single event's alert.
func eventID(doc *event.Document, uuid string) string {
	return hash(doc.Index, doc.ID, noVersion, space+":", uuid)
}

// groupIDs returns the ids of a group's shell and of its blocks, which come
// from the ancestors of all events.
func groupIDs(events []*event.Document, uuid string) (shell string, blocks []string) {
	var base []string
	for _, doc := range events {
		base = append(base, ancestry(doc)...)
		base = append(base, uuid) // once for each block, as Kibana has it
	}
	var all []string
	for i, doc := range events {
		id := hash(strings.Join(base, ""), strconv.Itoa(i))
		blocks = append(blocks, id)
		all = append(all, ancestry(doc)...)
		all = append(all, id) // the block itself; its index is empty
	}
	return hash(append(all, uuid)...), blocks
}

// ancestry returns id and index of each ancestor of an alert over one event.
func ancestry(doc *event.Document) []string {
	var texts []string
	for _, a := range lineage(doc) {
		texts = append(texts, a.ID, a.Index)
	}
	return texts
}

func hash(texts ...string) string {
	h := sha256.New()
	for _, t := range texts {
		h.Write([]byte(t))
	}
	return hex.EncodeToString(h.Sum(nil))
}
