using System.Globalization;
using System.Text;
using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Numerics;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

/// <summary>The short way through a context must give what the long way gives. An escape that changes nothing, before the values or
/// after them, forces the long way.</summary>
public sealed class FlatContextTests
{
    private const string LongWay = "\"\\u0078\":0";
    private static readonly ContextReader Reader = new(
        [new("country", FeatureKind.Category), new("cart", FeatureKind.Number), new("member", FeatureKind.Boolean), new("visits", FeatureKind.Number), new("a.b", FeatureKind.Category),
         new("tags", FeatureKind.Tags), new("vector", FeatureKind.Vector) { Dimension = 2 }]);

    [Fact]
    public void Both_ways_through_a_context_give_the_same_bytes()
    {
        var draw = new Philox(31);
        string[] values =
        [
            "0", "-0", "-0.0", "1", "83.5", "0.1", "123456789012345", "1234567890123456", "0.123456789012345", "1.7976931348623157e308", "1e400", "1E-2", "5.0", "-12.25",
            "true", "false", "null", "\"NL\"", "\"\"", "\"caf\u00e9\"", "\"1\"", "\"83.5\"", "\"a\\nb\"", "\"x\\u0041\"", "[1,2]", "[ 0.25 , -1e-5 ]", "[1,2,3]", "[\"b\",\"a\",\"b\"]", "[\"a]\", true, null]", "[\"a\\n\"]", "[[1],2]", "[]", "[{\"b\":1}]", "{\"b\":\"deep\"}", "{}",
        ];
        string[] names = ["country", "cart", "member", "visits", "a.b", "a", "unknown", "carts", "car", "tags", "vector"];
        var workspace = new DecisionWorkspace();
        for (var i = 0; i < 20_000; i++)
        {
            var space = draw.Uniform() < 0.3 ? " " : draw.Uniform() < 0.1 ? "\n\t" : "";
            var pairs = Enumerable.Range(0, (int)(draw.Uniform() * 7)).Select(_ =>
                $"\"{names[(int)(draw.Uniform() * names.Length)]}\"{space}:{space}{values[(int)(draw.Uniform() * values.Length)]}{space}").ToList();
            var shortWay = Served(workspace, $"{space}{{{space}{string.Join($",{space}", pairs)}}}{space}");
            Assert.Equal(Served(workspace, $"{{{string.Join(',', pairs.Prepend(LongWay))}}}"), shortWay);
            Assert.Equal(Served(workspace, $"{{{string.Join(',', pairs.Append(LongWay))}}}"), shortWay);
        }
    }

    [Fact]
    public void A_name_is_told_from_the_one_that_stood_in_its_place_before()
    {
        string[] names = ["x\":\"y", "x", .. Enumerable.Range(1, 40).SelectMany(n => new[] { new string('n', n), new string('n', n - 1) + "m", "m" + new string('n', n - 1) })];
        string[] spaces = ["", " ", "  "];
        ContextReader reader = new([.. names.Distinct().Select(n => new Feature(n, FeatureKind.Number))]);
        var (used, draw) = (new DecisionWorkspace(), new Philox(33));
        for (var i = 0; i < 20_000; i++)
        {
            var at = draw.Below(names.Length);
            string Pair(int name, string value) => $"\"{names[name].Replace("\"", "\\\"", StringComparison.Ordinal)}\"{spaces[draw.Below(3)]}:{value}";
            string[] pairs = [Pair(at, $"{i}"), Pair(draw.Below(2) == 0 ? at ^ 1 : at, $"{i + 1}"), "\"x\":\"y\"", .. draw.Below(2) == 0 ? [] : new[] { "\"other\":\"that leaves thirty-two bytes behind all of them\"" }];
            Assert.Equal(Served(reader, new(), $"{{{string.Join(',', pairs.Prepend(LongWay))}}}"), Served(reader, used, $"{{{string.Join(',', pairs)}}}"));
        }
    }

    [Fact]
    public void Numbers_are_rounded_as_the_long_way_rounds_them()
    {
        var draw = new Philox(32);
        var workspace = new DecisionWorkspace();
        for (var i = 0; i < 20_000; i++)
        {
            var digits = 1 + (int)(draw.Uniform() * 16);
            var number = new StringBuilder(draw.Uniform() < 0.3 ? "-" : "").Append(1 + (int)(draw.Uniform() * 9));
            var point = (int)(draw.Uniform() * digits);
            for (var d = 1; d < digits; d++) number.Append(d == point ? "." : "").Append((int)(draw.Uniform() * 10));
            Served(workspace, $"{{\"cart\":{number}}}");
            var reader = new ServedRowReader(workspace.Served);
            reader.Read();
            reader.Read();
            Assert.Equal(double.Parse(number.ToString(), CultureInfo.InvariantCulture), reader.Number);
        }
    }

    [Fact]
    public void Short_numbers_are_read_as_the_framework_reads_them()
    {
        foreach (var after in new[] { ",x", "}", "]", " ", "\n", "\r", "\t" })
        {
            for (var whole = 0; whole < 100_000; whole = whole < 1_100 ? whole + 1 : whole + 997)
            {
                foreach (var decimals in new[] { "", ".0", ".5", ".25", ".05", ".125", ".0625" })
                {
                    var text = $"{whole}{decimals}";
                    var isRead = FlatNumber.TryRead(Encoding.UTF8.GetBytes($"{text}{after}12345678"), out var digits, out var behind, out var length);
                    Assert.Equal(text.Length < 8, isRead);
                    if (isRead) Assert.Equal((double.Parse(text, CultureInfo.InvariantCulture), text.Length), (digits / Math.Pow(10, behind), length));
                }
            }
        }
        foreach (var no in new[] { "-1,", "01,", "00.5,", "1.,", ".5,", "1e5,", "1.5e3,", "1.2.3,", "1:", "1\"", "1/", "1;", "1x", "", "12345678,", "1234567", "1.234567,", "\u00b9," })
            Assert.False(FlatNumber.TryRead(Encoding.UTF8.GetBytes(no.PadRight(8, no == "1234567" ? '0' : 'a')), out _, out _, out _), no);
        for (var other = 0; other < 256; other++) // nothing but digits is one
        {
            if (other is >= '0' and <= '9') continue;
            for (var at = 0; at < 3; at++)
            {
                var text = "1234,,,,"u8.ToArray();
                text[at] = (byte)other;
                var isEnd = at > 0 && other is ',' or '}' or ']' or ' ' or '\n' or '\r' or '\t';
                Assert.Equal(at > 0 && (isEnd || other == '.'), FlatNumber.TryRead(text, out _, out _, out _));
            }
        }
    }

    [Theory, InlineData("{\"cart\":01}"), InlineData("{\"cart\":1.}"), InlineData("{\"cart\":1,}"), InlineData("{\"cart\":1"), InlineData("{\"cart\" 1}"), InlineData("{\"cart\":tru}"), InlineData("{\"tags\":[1,]}"), InlineData("{\"tags\":[1 2]}"), InlineData("{\"tags\":[1}"), InlineData("{\"unknown\":[01]}")]
    public void What_is_no_json_is_not_read_the_short_way(string context) =>
        Assert.ThrowsAny<JsonException>(() => Reader.Read(Encoding.UTF8.GetBytes(context), new()));

    private static string Served(DecisionWorkspace workspace, string context) => Served(Reader, workspace, context);

    private static string Served(ContextReader reader, DecisionWorkspace workspace, string context)
    {
        reader.Read(Encoding.UTF8.GetBytes(context), workspace);
        return Convert.ToHexString(workspace.Served);
    }
}
