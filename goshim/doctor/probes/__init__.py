"""What is measured rather than read: a probe is a function of a host and a subject, named `module.function` here.

Its answer is made of what JSON knows. One that can't be made raises OSError, whose text is the reason. None leaves
anything behind on the machine, also when it is interrupted.
"""
