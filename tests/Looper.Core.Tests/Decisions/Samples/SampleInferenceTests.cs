using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Decisions.Samples;

namespace Looper.Core.Tests.Decisions.Samples;

public class SampleInferenceTests
{
    private static readonly SampleContext s_context = new(["converted", "purchase", "revenue"], ["free-shipping", "none"]);

    private static InferredSample Read(string text)
    {
        var read = SampleInference.Infer(text, s_context);
        Assert.Null(read.Refusal);
        return read.Value!;
    }

    private static SampledField Field(string text, string name) => Read(text).Fields.Single(f => f.Name == name);

    private static string Rows(string name, int count, Func<int, string> value) =>
        name + ",other\n" + string.Concat(Enumerable.Range(0, count).Select(i => $"{value(i)},{i % 3}\n"));

    [Fact]
    public void One_object_gives_its_names_and_types()
    {
        var sample = Read("""{"country":"NL","cartValue":83.5,"member":true,"device":{"os":{"name":"iOS"},"pixels":3},"note":null}""");
        Assert.Equal("JSON", sample.Format);
        Assert.Equal(1, sample.Rows);
        Assert.Equal(["country", "cartValue", "member", "device.os.name", "device.pixels", "note"], sample.Fields.Select(f => f.Name));
        Assert.Equal([FeatureKind.Category, FeatureKind.Number, FeatureKind.Boolean, FeatureKind.Category, FeatureKind.Number], sample.Fields.Take(5).Select(f => f.Kind));
        Assert.Equal([true, true, true, true, true, false], sample.Fields.Select(f => f.Use));
        Assert.Equal(NoteKind.NoInformation, Assert.Single(sample.Fields[5].Notes).Kind);
    }

    [Theory]
    [InlineData("""[{"a":1},{"a":2},{"b":"x"}]""", "JSON")]
    [InlineData("{\"a\":1}\n{\"a\":2}\n{\"b\":\"x\"}", "JSON lines")]
    [InlineData("a,b\n1,\n2,\n,x\n", "CSV")]
    [InlineData("a;b\n1;\n2;\n;x\n", "CSV")]
    [InlineData("a\tb\n1\t\n2\t\n\tx\n", "CSV")]
    public void The_same_rows_are_read_from_every_format(string text, string format)
    {
        var sample = Read(text);
        Assert.Equal((format, 3), (sample.Format, sample.Rows));
        Assert.Equal([("a", FeatureKind.Number, 2, 1), ("b", FeatureKind.Category, 1, 2)], sample.Fields.Select(f => (f.Name, f.Kind, f.Distinct, f.Missing)));
    }

    [Theory]
    [InlineData("""curl -s "$LOOPER_URL/v1/decisions" -H "X-Api-Key: $LOOPER_API_KEY" -d '{"decisionPoint":"x","unit":"u","context":{"country":"NL","cartValue":3}}'""")]
    [InlineData("curl https://shop.example/v1/decisions \\\n  --data-raw \"{\\\"decisionPoint\\\":\\\"x\\\",\\\"context\\\":{\\\"country\\\":\\\"NL\\\",\\\"cartValue\\\":3}}\"")]
    [InlineData("""curl --json='{"country":"NL","cartValue":3}' http://x""")]
    [InlineData("""{"decisionPoint":"x","unit":"u","context":{"country":"NL","cartValue":3}}""")]
    public void A_curl_command_or_decide_request_gives_its_context(string text) =>
        Assert.Equal(["country", "cartValue"], Read(text).Fields.Select(f => f.Name));

    [Theory]
    [InlineData("{\"a\":1,\n \"b\":2,\n   \"country\" \"NL\"}", "Sample, line 3, column 14: not JSON, a colon is missing after the name.")]
    [InlineData("{\"a\":1,\n \"b\":2\n \"c\":3}", "Sample, line 3, column 2: not JSON, a comma or `}` is missing.")]
    [InlineData("{\"å\":1,}", "Sample, line 1, column 8: not JSON, there is a comma too many.")]
    [InlineData("{'a':1}", "Sample, line 1, column 2: not JSON, names need double quotes.")]
    [InlineData("{\"a\":'x'}", "Sample, line 1, column 6: not JSON, texts need double quotes.")]
    [InlineData("{\"a\":1", "Sample, line 1, column 7: not JSON, it ends too early")]
    [InlineData("{\"a\":\"\\ud83d\"}", "Sample: a text in it holds half of a surrogate pair")]
    [InlineData("{\"\\ud83d\":1}", "Sample: a text in it holds half of a surrogate pair")]
    [InlineData("curl -d '{\"a\":\"\\ud83d\"}' http://x", "Body of the curl command: a text in it holds half of a surrogate pair")]
    [InlineData("[{\"a\":1},\n3]", "Sample, line 1, column 1: an object with names and values is expected here.")]
    [InlineData("curl -d '{\"a\":}' http://x", "Body of the curl command, line 1, column 6: not JSON")]
    [InlineData("curl http://x", "Sample: this curl command sends no body.")]
    [InlineData("just words", "Sample: this is neither JSON, nor a curl command, nor CSV")]
    [InlineData("a,,b\n1,2,3\n", "Sample, line 1, column 2: the header has no name here.")]
    [InlineData("a,a\n1,2\n", "Sample, line 1: the column `a` is there twice.")]
    [InlineData(" \n ", "Sample: there is nothing to read.")]
    public void A_fault_is_named_with_its_place(string text, string expected)
    {
        var refusal = SampleInference.Infer(text, s_context).Refusal;
        Assert.Equal("sample.invalid", refusal?.Code);
        Assert.StartsWith(expected, refusal!.Reason);
    }

    [Theory, InlineData("""{"a":["x","\ud83d"]}"""), InlineData("a,b\n\"[\"\"\\ud83d\"\"]\",1\n")]
    public void A_list_with_half_a_character_is_not_switched_on(string text)
    {
        var field = Field(text, "a");
        Assert.False(field.Use);
        Assert.Contains("Send texts, which are read as tags", Assert.Single(field.Notes).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_a_megabyte_is_refused_and_more_than_a_thousand_rows_are_cut()
    {
        Assert.Contains("larger than 1 MB", SampleInference.Infer("a\n" + new string('1', 1_048_576), s_context).Refusal!.Reason);
        var sample = Read("a\n" + string.Concat(Enumerable.Range(0, 1_200).Select(i => $"{i}\n")));
        Assert.Equal(1_000, sample.Rows);
        Assert.Equal("The first 1000 of 1200 rows were read.", sample.Remark);
        Assert.Equal(1_000, sample.Fields[0].Distinct);
    }

    [Theory]
    [InlineData("orderId", NoteKind.Identifier)]
    [InlineData("user_uuid", NoteKind.Identifier)]
    [InlineData("email", NoteKind.Personal)]
    [InlineData("customer.phoneNumber", NoteKind.Personal)]
    [InlineData("first_name", NoteKind.Personal)]
    [InlineData("date_of_birth", NoteKind.Personal, "date_of_birth,dob")]
    [InlineData("gender", NoteKind.Sensitive)]
    [InlineData("religion", NoteKind.Sensitive)]
    [InlineData("purchased", NoteKind.KnowsTheAnswer)]
    [InlineData("revenue7d", NoteKind.KnowsTheAnswer)]
    [InlineData("conversion", NoteKind.KnowsTheAnswer)]
    public void A_name_can_give_a_field_away(string name, NoteKind kind, string? columns = null)
    {
        var header = (columns ?? name).Split(',')[^1] == "dob" ? "dob" : name;
        var field = Field($"{header},other\nabc,1\n", header);
        Assert.False(field.Use);
        Assert.Contains(field.Notes, n => n.Kind == kind && n.Text.Contains($"`{header}`"));
    }

    [Theory, InlineData("country"), InlineData("paid"), InlineData("idle"), InlineData("device.mobile"), InlineData("candidate"), InlineData("sexton"), InlineData("visits7d"), InlineData("shipping"), InlineData("price")]
    public void Harmless_names_get_no_note(string name) => Assert.Empty(Field($"{{\"{name.Replace(".", "\":{\"")}\":true{(name.Contains('.') ? "}" : "")}}}", name).Notes);

    [Theory]
    [InlineData("anna@example.org")]
    [InlineData("192.168.0.12")]
    [InlineData("2001:db8::1")]
    [InlineData("DE89 3704 0044 0532 0130 00")] // the example of ISO 13616 registries: check digits 89 are right
    [InlineData("4111 1111 1111 1111")] // the test number of card networks: passes Luhn
    [InlineData("+31 20 123 4567")]
    public void Values_can_give_a_field_away_and_are_masked(string value)
    {
        var field = Field($$"""{"contact":"{{value}}"}""", "contact");
        Assert.Contains(field.Notes, n => n.Kind == NoteKind.Personal);
        Assert.False(field.Use);
        Assert.Equal(value[..1] + "•••", Assert.Single(field.Examples));
        Assert.True(field.AsFeature().IsPersonal);
    }

    [Theory]
    [InlineData("DE88 3704 0044 0532 0130 00")]
    [InlineData("4111 1111 1111 1112")]
    [InlineData("1.2.3")]
    [InlineData("a@b")]
    public void Values_with_wrong_check_digits_do_not(string value) =>
        Assert.DoesNotContain(Field($$"""{"contact":"{{value}}"}""", "contact").Notes, n => n.Kind == NoteKind.Personal);

    [Fact]
    public void Categories_are_judged_by_how_often_they_repeat()
    {
        Assert.Equal(NoteKind.Identifier, Assert.Single(Field(Rows("code", 20, i => $"c{i}"), "code").Notes).Kind);
        Assert.Empty(Field(Rows("code", 19, i => $"c{i}"), "code").Notes);
        var many = Field(Rows("sku", 40, i => $"s{i % 25}"), "sku");
        Assert.Equal(NoteKind.ManyValues, Assert.Single(many.Notes).Kind);
        Assert.True(many.Use);
        Assert.Equal(NoteKind.ManyValues, Assert.Single(Field(Rows("sku", 1_000, i => $"s{i % 101}"), "sku").Notes).Kind);
        Assert.Empty(Field(Rows("cartValue", 40, i => $"{i}.5"), "cartValue").Notes);
    }

    [Fact]
    public void A_field_without_variety_teaches_nothing_once_there_are_a_few_rows()
    {
        Assert.Equal(NoteKind.NoInformation, Assert.Single(Field(Rows("site", 5, _ => "nl"), "site").Notes).Kind);
        Assert.Empty(Field(Rows("site", 4, _ => "nl"), "site").Notes);
    }

    [Fact]
    public void What_is_unclear_says_why_and_stays_off()
    {
        Assert.Contains("first in row 3", Unclear("[{\"a\":1},{\"a\":2},{\"a\":\"x\"}]", "a"));
        Assert.Contains("over 200 characters, first in row 1", Unclear($$"""{"a":"{{new string('x', 201)}}"}""", "a"));
        Assert.Contains("lists of different things", Unclear("""{"a":[[1],2]}""", "a"));
        Assert.Contains("lists of different things", Unclear("""[{"a":[1,2]},{"a":["x"]}]""", "a"));
        Assert.Contains("different lengths", Unclear("""[{"a":[1,2]},{"a":[1]}]""", "a"));
        Assert.Contains("257 numbers", Unclear($$"""{"a":[{{string.Join(',', Enumerable.Range(0, 257))}}]}""", "a"));
        Assert.Contains("101 tags", Unclear($$"""{"a":[{{string.Join(',', Enumerable.Range(0, 101).Select(i => $"\"t{i}\""))}}]}""", "a"));
        Assert.Contains("deeper than three levels", Unclear("""{"a":{"b":{"c":{"d":1}}}}""", "a.b.c"));
        Assert.Contains("is a time", Unclear("""{"lastVisit":"2026-11-22T10:00:00Z"}""", "lastVisit"));
        Assert.Contains("is a time", Unclear("""{"createdAt":1763800000}""", "createdAt"));
        Assert.Contains("the decision itself", Unclear("""[{"banner":"none"},{"banner":"free-shipping"}]""", "banner"));

        static string Unclear(string text, string name)
        {
            var field = Field(text, name);
            Assert.False(field.Use);
            return Assert.Single(field.Notes, n => n.Kind == NoteKind.Unclear).Text;
        }
    }

    [Theory]
    [InlineData("""[{"a":["news","sport"]},{"a":[]},{"a":["news"]}]""", FeatureKind.Tags, null)]
    [InlineData("""[{"a":"news"},{"a":["news","sport"]}]""", FeatureKind.Tags, null)]
    [InlineData("""[{"a":[0.1,-2e-5,3]},{"a":[1,2,3]}]""", FeatureKind.Vector, 3)]
    [InlineData("a,b\nnews|sport,1\nnews,2\n,3\n", FeatureKind.Tags, null)]
    [InlineData("a,b\n\"[0.1, 0.2]\",1\n\"[3, 4]\",2\n", FeatureKind.Vector, 2)]
    [InlineData("a,b\n0.1|0.2|0.3,1\n", FeatureKind.Vector, 3)]
    public void Lists_are_offered_as_tags_or_as_a_vector(string text, FeatureKind kind, int? dimension)
    {
        var field = Field(text, "a");
        Assert.Equal((kind, true, 0), (field.Kind, field.Use, field.Notes.Length));
        Assert.Equal(new Feature("a", kind) { Dimension = dimension }, field.AsFeature());
    }

    [Fact]
    public void Digits_in_quotes_are_offered_as_numbers()
    {
        var field = Field("""[{"visits":"4"},{"visits":"12"}]""", "visits");
        Assert.Equal((FeatureKind.Number, true), (field.Kind, field.Use));
        Assert.Equal(NoteKind.QuotedNumber, Assert.Single(field.Notes).Kind);
    }

    [Fact]
    public void Any_bytes_are_answered_never_thrown()
    {
        var random = new Random(5);
        const string alphabet = "{}[]\":,'\\\n\t;ab1.-\u0000\uD800 curl-d";
        for (var i = 0; i < 3_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            var read = SampleInference.Infer((i % 3) switch { 0 => "{" + text, 1 => "curl -d '" + text, _ => text }, s_context);
            Assert.True(read.Value is null != read.Refusal is null, text.ToString(CultureInfo.InvariantCulture));
        }
    }
}
