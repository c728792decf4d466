// A go that tells how it was called: what tests put in the place of the real one.
package main

import (
	"io"
	"os"
	"strconv"
	"syscall"
	"time"
)

func main() {
	verb := ""
	if len(os.Args) == 3 {
		verb = os.Args[1]
	}
	switch verb {
	case "exit":
		code, _ := strconv.Atoi(os.Args[2])
		os.Exit(code)
	case "die":
		number, _ := strconv.Atoi(os.Args[2])
		syscall.Kill(os.Getpid(), syscall.Signal(number))
		time.Sleep(10 * time.Second)
	case "copy":
		io.Copy(os.Stdout, os.Stdin)
	case "wait":
		os.Stdout.WriteString("waiting\n")
		time.Sleep(60 * time.Second)
	default:
		tell()
	}
}

// tell writes the process, its parent, its directory, the number of arguments, each argument, the environment.
func tell() {
	directory, _ := os.Readlink("/proc/self/cwd")
	words := []string{strconv.Itoa(os.Getpid()), strconv.Itoa(os.Getppid()), directory, strconv.Itoa(len(os.Args))}
	text := ""
	for _, word := range append(words, os.Args...) {
		text += word + "\x00"
	}
	environment, _ := os.ReadFile("/proc/self/environ")
	os.Stdout.WriteString(text)
	os.Stdout.Write(environment)
}
