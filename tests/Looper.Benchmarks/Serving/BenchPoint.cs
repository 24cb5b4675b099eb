using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Numerics;
using Looper.Core.Serving;

namespace Looper.Benchmarks.Serving;

/// <summary>A decision point of 20 features and three options, calls to it, and models of it that were really trained.</summary>
internal static class BenchPoint
{
    public const int Numbers = 12, Booleans = 4, Categories = 4, Levels = 40, Features = Numbers + Booleans + Categories;
    public const int Tags = 8, Dimension = 16;
    public static readonly ImmutableArray<string> Options = ["none", "ten-percent", "free-shipping"];

    public static BlueprintContent Content(bool predicts) => new()
    {
        Shape = DecisionShape.Choice,
        Options = [.. Options.Select(o => new Option(o))],
        Default = Options[0],
        Features = [.. Enumerable.Range(0, Features).Select(j => new Feature(Name(j), KindOf(j)))],
        Outcomes = [new("purchase", OutcomeKind.Boolean)],
        Goal = new() { Terms = [new("purchase")] },
        Policy = predicts ? new EpsilonGreedyPolicy(0.1) : new RandomPolicy(),
    };

    /// <summary>By rules, with two lists among its features.</summary>
    public static BlueprintContent WithLists { get; } = Content(predicts: false) with
    {
        Features = [.. Content(predicts: false).Features, new("topics", FeatureKind.Tags), new("taste", FeatureKind.Vector) { Dimension = Dimension }],
    };

    /// <summary>A context with both lists at its end.</summary>
    public static byte[] ContextWithLists(int seed)
    {
        var draw = new Philox(seed, "lists");
        var topics = string.Join(',', Enumerable.Range(0, Tags).Select(i => $"\"topic-{(Tags * Index(draw, Levels)) + i}\""));
        var taste = string.Join(',', Enumerable.Range(0, Dimension).Select(_ => Math.Round(draw.Uniform() - 0.5, 6).ToString(CultureInfo.InvariantCulture)));
        return Encoding.UTF8.GetBytes($$"""{{Encoding.UTF8.GetString(Context(seed))[..^1]}},"topics":[{{topics}}],"taste":[{{taste}}]}""");
    }

    /// <summary>A decide call as an application writes it.</summary>
    public static byte[] Call(string point, int seed)
    {
        var draw = new Philox(seed, "call");
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("decisionPoint", point);
            json.WriteString("unit", string.Create(CultureInfo.InvariantCulture, $"user-{seed}"));
            json.WritePropertyName("context");
            WriteContext(json, draw);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    public static byte[] Context(int seed)
    {
        using var call = JsonDocument.Parse(Call("any", seed));
        return Encoding.UTF8.GetBytes(call.RootElement.GetProperty("context").GetRawText());
    }

    /// <summary>Trees fitted on rows of these features, as many and as large as asked, with the option among the columns.</summary>
    public static TrainedPredictor Train(int trees, int leaves)
    {
        const int rows = 20_000;
        Column[] columns =
        [
            .. Enumerable.Range(0, Features).Select(j => new Column(Name(j), KindOf(j) == FeatureKind.Category ? ColumnKind.Category : ColumnKind.Number,
                KindOf(j) == FeatureKind.Category ? [.. Enumerable.Range(0, Levels).Select(Level)] : [])),
            new(ModelEncoder.OptionColumn, ColumnKind.Category, Options),
        ];
        var draw = new Philox(7, "train");
        var values = columns.Select(_ => new double[rows]).ToArray();
        var labels = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns.Length; j++) values[j][i] = j == Features ? Index(draw, Options.Length) : Draw(draw, j);
            var lift = values[Features][i] == 1 ? values[0][i] / 100 : values[Features][i] == 2 ? values[Numbers + Booleans][i] / 40 : 0;
            var score = Math.Sin(values[1][i] / 10) + values[2][i] / 50 + (values[Numbers][i] * values[3][i] / 100) + lift + (values[^2][i] % 5 / 5) - 2;
            labels[i] = draw.Uniform() < 1 / (1 + Math.Exp(-score)) ? 1 : 0;
        }
        var settings = new LearnerSettings { Rounds = trees, Leaves = leaves, MinLeafRows = 5, Patience = trees + 1, Threads = 2 };
        return new([.. columns], new GradientBoosting().Fit(new([.. columns], values, labels), null, settings, 1, null, default));
    }

    /// <summary>One row of the model, its option missing.</summary>
    public static double[] Row(int seed)
    {
        var draw = new Philox(seed, "row");
        var row = new double[Features + 1];
        for (var j = 0; j < Features; j++) row[j] = Draw(draw, j);
        row[Features] = double.NaN;
        return row;
    }

    private static void WriteContext(Utf8JsonWriter json, Philox draw)
    {
        json.WriteStartObject();
        for (var j = 0; j < Features; j++)
        {
            var value = Draw(draw, j);
            if (KindOf(j) == FeatureKind.Boolean) json.WriteBoolean(Name(j), value == 1);
            else if (KindOf(j) == FeatureKind.Category) json.WriteString(Name(j), Level((int)value));
            else json.WriteNumber(Name(j), value);
        }
        json.WriteEndObject();
    }

    private static double Draw(Philox draw, int feature) =>
        KindOf(feature) == FeatureKind.Boolean ? Index(draw, 2)
        : KindOf(feature) == FeatureKind.Category ? Index(draw, Levels)
        : Math.Round(draw.Uniform() * 100, 2);

    private static int Index(Philox draw, int count) => (int)(draw.Uniform() * count);

    private static string Level(int code) => string.Create(CultureInfo.InvariantCulture, $"level-{code}");

    private static FeatureKind KindOf(int feature) =>
        feature < Numbers ? FeatureKind.Number : feature < Numbers + Booleans ? FeatureKind.Boolean : FeatureKind.Category;

    internal static string Name(int feature) => KindOf(feature) switch
    {
        FeatureKind.Number => string.Create(CultureInfo.InvariantCulture, $"number{feature}"),
        FeatureKind.Boolean => string.Create(CultureInfo.InvariantCulture, $"flag{feature}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"category{feature}"),
    };
}
