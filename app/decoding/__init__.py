"""Reading what people send in processes of their own, with limits.

Decoders of pictures, archives and networks are large programs in C, and files from outside may be
made to break them. So this process never opens such a file: it hands the open file to a decoder,
a process without secrets whose memory and time are limited, and gets numbers and pixels back.
"""
