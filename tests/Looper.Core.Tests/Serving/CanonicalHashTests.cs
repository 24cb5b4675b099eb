using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

public sealed class CanonicalHashTests
{
    [Theory]
    [InlineData("""{"a":1,"b":{"c":[1,2],"d":null}}""", """{ "b" : {"d":null, "c" : [1.0, 2e0]}, "\u0061":1 }""")]
    [InlineData("""{"t":"é\n"}""", """{"t":"\u00e9\u000a"}""")]
    [InlineData("[0]", "[-0.0]")]
    public void The_spelling_of_a_request_makes_no_difference(string one, string other) => Assert.Equal(Of(one), Of(other));

    [Fact]
    public void Every_change_of_meaning_changes_the_hash()
    {
        string[] all =
        [
            "{}", "[]", "null", "0", "1", "\"1\"", "true", "false", "\"\"", """{"a":1}""", """{"a":2}""", """{"b":1}""", """{"a":"1"}""", """{"a":true}""",
            """{"a":null}""", """{"a":[1]}""", """{"a":[1,2]}""", """{"a":[2,1]}""", """{"a":[[1],2]}""", """{"a":[[1,2]]}""", """{"a":{"a":1}}""",
            """{"a":1,"b":2}""", """{"a":2,"b":1}""", """[{"a":1},{"b":2}]""", """[{"b":2},{"a":1}]""", """[{"a":1,"b":2}]""", """[{"a":1},{"a":1}]""",
        ];
        Assert.Equal(all.Length, all.Select(Of).Distinct().Count());
    }

    [Theory, InlineData(64), InlineData(65), InlineData(5_000)]
    public void However_deep_it_is_another_value_is_another_hash(int levels)
    {
        string Nested(string value) => new string('[', levels) + value + new string(']', levels);
        Assert.Equal(Of(Nested("1")), Of(Nested("1")));
        Assert.Equal(3, new[] { Nested("1"), Nested("2"), $"[{Nested("1")}]" }.Select(Of).Distinct().Count());
    }

    private static ulong Of(string json) => CanonicalHash.Of(Serve.Utf8(json));
}
