//go:build !amd64 || purego

package event

// stage is what the first stage keeps between documents: nothing.
type stage struct{}

// build is the first stage.
func (x *index) build(doc []byte) bool { return x.buildPlain(doc) }
