// Package greeting has the words of a greeting.
package greeting

// For greets a person by name.
func For(name string) string {
	return "Hello, " + name + ", from a clean environment!"
}
