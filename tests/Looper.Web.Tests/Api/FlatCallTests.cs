using System.Text;
using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using Looper.Web.Api;

namespace Looper.Web.Tests.Api;

/// <summary>The short way through a decide call must give what the framework's reader gives, and leave to it whatever it would refuse.</summary>
public sealed class FlatCallTests
{
    private static readonly string[] Calls =
    [
        """{"decisionPoint":"banner","unit":"u-1","context":{"country":"NL","cartValue":83.5,"isMember":true,"tags":["a","b",1,null],"vector":[0.5,-1e-05,2E3],"none":[ ],"device":null,"café":"é"},"decisionId":"d-1"}""",
        """ { "unit" : "u-1" , "decisionPoint" : "banner" , "context" : { } } """,
        """{"decisionPoint":"banner","unit":"u-1","unit":"u-2","context":{"a":-0.5,"a":120,"b":false},"context":{"c":0}}""",
    ];

    private static readonly string[] Pieces =
    [
        "\"", "\\", "\\u0041", "{", "}", "[", "]", ",", ":", "0", "00", "1.", "1e3", "1e", "1e+", "[]", "[1]", "-", "\t", "\u0001", "\u007f", "null", "true", "tru", " ", "é", "\"explain\":true,", "\"candidates\":[],",
        "\"decisionId\":null,", "\"decisionId\":\"\",", "\"x\":{\"y\":[1]},", "\"context\":null,", "\"context\":[],",
    ];

    private static readonly ContextReader Reader = new(
        [new("country", FeatureKind.Category), new("cartValue", FeatureKind.Number), new("isMember", FeatureKind.Boolean), new("tags", FeatureKind.Tags), new("vector", FeatureKind.Vector) { Dimension = 3 },
         new("device", FeatureKind.Category), new("a", FeatureKind.Number), new("c", FeatureKind.Number)]);

    [Fact]
    public void What_is_read_the_short_way_is_read_alike_the_long_way()
    {
        var draw = new Philox(17);
        var (shortly, refused) = (0, 0);
        for (var i = 0; i < 60_000; i++)
        {
            var text = Calls[i % Calls.Length];
            for (var changes = draw.Below(3); changes > 0; changes--)
            {
                var at = draw.Below(text.Length);
                text = draw.Below(3) switch
                {
                    0 => text.Insert(at, Pieces[draw.Below(Pieces.Length)]),
                    1 => text.Remove(at, Math.Min(text.Length - at, 1 + draw.Below(4))),
                    _ => text[..at] + Pieces[draw.Below(Pieces.Length)] + text[Math.Min(text.Length, at + 1 + draw.Below(3))..],
                };
            }
            var json = Encoding.UTF8.GetBytes(text);
            if (!FlatCall.TryRead(json, out var call))
            {
                refused++;
                continue;
            }
            shortly++;
            var reader = new Utf8JsonReader(json, DataJson.Options);
            reader.Read();
            Assert.Null(DecisionCall.Read(ref reader, json, out var same));
            Assert.False(reader.Read(), text);
            Assert.Equal((Text(same.Point), Text(same.Unit), Text(same.Id), Text(same.Context)), (Text(call.Point), Text(call.Unit), Text(call.Id), Text(call.Context)));
            Assert.Equal(Served(same), Served(call));
        }
        Assert.True(shortly > 15_000 && refused > 15_000, $"{shortly} read, {refused} refused");
    }

    [Theory]
    [InlineData(200, 1_024, true)]
    [InlineData(201, 1, false)]
    [InlineData(1, 1_025, false)]
    public void A_context_within_the_limits_is_read_the_short_way_and_one_beyond_them_is_not(int names, int characters, bool isShort)
    {
        var pairs = Enumerable.Range(0, names).Select(i => $"\"n{i}\":\"{new string('x', characters)}\"");
        var call = "{\"decisionPoint\":\"banner\",\"unit\":\"u-1\",\"context\":{" + string.Join(',', pairs) + "}}";
        Assert.Equal(isShort, FlatCall.TryRead(Encoding.UTF8.GetBytes(call), out _));
    }

    private static string Served(in DecisionCall call)
    {
        var workspace = new DecisionWorkspace();
        Reader.Read(call.Context, workspace, call.ReadContext);
        return Convert.ToHexString(workspace.Served);
    }

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
