using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

public sealed class ContextReaderTests
{
    private static readonly ContextReader Reader = new([new("country", FeatureKind.Category), new("cart", FeatureKind.Number), new("member", FeatureKind.Boolean), new("device.os", FeatureKind.Category)]);

    [Theory]
    [InlineData("""{"country":"NL","cart":83.5,"member":true,"device":{"os":"ios"}}""", "NL 83.5 yes ios")]
    [InlineData("""{"device.os":"ios","member":false,"cart":-0.0,"country":""}""", " 0 no ios")]
    [InlineData("""{ "cart" : "83.5" , "member" : "TRUE" , "country" : 5.0 }""", "5 83.5 yes -")]
    [InlineData("""{"cart":true,"member":1,"country":false}""", "false 1 yes -")]
    [InlineData("""{"country":0.25,"member":"0","cart":1e3}""", "0.25 1000 no -")]
    [InlineData("""{"country":null,"cart":null,"member":null,"device":null}""", "- - - -")]
    [InlineData("""{}""", "- - - -")]
    [InlineData("", "- - - -")]
    [InlineData("null", "- - - -")]
    [InlineData("""{"cart":1,"cart":2}""", "- 2 - -")]
    [InlineData("""{"cart":1e400,"member":2,"country":["NL"],"device":{"os":{"x":1}}}""", "! ! ! !")]
    [InlineData("""{"cart":"NaN","member":"maybe","country":{"is":"NL"}}""", "! ! ! -")]
    [InlineData("""{"cart":"12 euro","other":{"deep":[1,{"cart":5}]},"device":[{"os":"ios"}]}""", "- ! - -")]
    [InlineData("""{"\u0063art":7,"country":"caf\u00e9 \"x\"","device":{"\u006fs":"a\nb"}}""", "café \"x\" 7 - a\nb")]
    [InlineData("""{"country":"\ud800","cart":1}""", "! 1 - -")]
    [InlineData("""{"\ud800":"x","cart":1}""", "- 1 - -")]
    [InlineData("""{"device":{"os":"ios","x":{"os":"no"}},"os":"no","a":{"device":{"os":"no"}}}""", "- - - ios")]
    public void Values_arrive_as_their_features_mean_them(string context, string expected)
    {
        var workspace = new DecisionWorkspace();
        Reader.Read(Serve.Utf8(context), workspace);
        Assert.Equal(expected, Shown(workspace.Served));
    }

    [Theory]
    [InlineData("[1]", false)]
    [InlineData("5", false)]
    [InlineData("\"x\"", false)]
    [InlineData("{}", true)]
    [InlineData("null", true)]
    [InlineData("", true)]
    public void Only_an_object_is_a_context(string context, bool expected)
    {
        var workspace = new DecisionWorkspace();
        Assert.Equal(expected, Reader.Read(Serve.Utf8(context), workspace));
        Assert.Equal(expected ? 4 : 4, Shown(workspace.Served).Split(' ').Length);
    }

    [Fact]
    public void A_text_longer_than_a_row_can_hold_is_no_value()
    {
        var workspace = new DecisionWorkspace();
        Reader.Read(Serve.Utf8($$"""{"country":"{{new string('x', ServedRow.MaxTextBytes + 1)}}","cart":"{{new string('9', 9_000)}}","{{new string('n', 9_000)}}":1,"member":true}"""), workspace);
        Assert.Equal("! ! yes -", Shown(workspace.Served));
        Reader.Read(Serve.Utf8($$"""{"country":"{{new string('x', ServedRow.MaxTextBytes)}}"}"""), workspace);
        Assert.StartsWith("xxx", Shown(workspace.Served));
    }

    [Fact]
    public void Reading_again_leaves_nothing_of_the_call_before()
    {
        var workspace = new DecisionWorkspace();
        Reader.Read(Serve.Utf8("""{"country":"\u004eL","cart":83.5,"member":true,"device":{"os":"ios"}}"""), workspace);
        Reader.Read(Serve.Utf8("""{"cart":1}"""), workspace);
        Assert.Equal("- 1 - -", Shown(workspace.Served));
    }

    internal static string Shown(ReadOnlySpan<byte> served)
    {
        var shown = new List<string>();
        var reader = new ServedRowReader(served);
        while (reader.Read())
        {
            shown.Add(reader.Kind switch
            {
                ServedKind.Number => reader.Number.ToString("R", CultureInfo.InvariantCulture),
                ServedKind.True => "yes",
                ServedKind.False => "no",
                ServedKind.Text => reader.TextString,
                ServedKind.Invalid => "!",
                _ => "-",
            });
        }
        return string.Join(' ', shown);
    }
}
