// Hello greets, with the words of a module that came through a module proxy.
package main

import (
	"fmt"
	"os"
	"runtime"

	"example.com/greeting"
)

func main() {
	name := "gopher"
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	fmt.Printf("%s (%s, %s/%s)\n", greeting.For(name), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
