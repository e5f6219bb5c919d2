"""Looking at a machine out of band, by the controller on its board (BMC): also when the host is off, or does not answer.

board       ``look``: one look at one machine
values      what it shows, as frozen values
parts       its parts, one like the other, pure
redfish     Redfish's documents (DMTF DSP0266, DSP0268) as values, pure
connection  Redfish over HTTPS, the certificate verified
"""
