using System.Text;
using RouteLLM.Internals;

namespace RouteLLM.Tests.Splits;

public class StableHashTests
{
    [Theory]
    [InlineData("", 0xEF46DB3751D8E999)]
    [InlineData("abc", 0x44BC2CF5AD770999)]
    public void Published_digests_of_xxh64_are_met(string text, ulong expected) => Assert.Equal(expected, StableHash.Compute(Encoding.ASCII.GetBytes(text), seed: 0));

    [Theory]
    [InlineData(0, 0xE99038495F85381E)]
    [InlineData(2654435761, 0xA1C6D4174C37136D)]
    public void So_are_those_of_an_implementation_of_the_specification_in_python(ulong seed, ulong expected) =>
        // 101 bytes: three rounds over all lanes, no word, then four bytes and one.
        Assert.Equal(expected, StableHash.Compute([.. Enumerable.Range(0, 101).Select(static i => (byte)i)], seed));
}
