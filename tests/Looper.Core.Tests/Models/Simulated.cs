using System.Collections.Immutable;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Numerics;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Models;

/// <summary>A banner shop whose truth is known: which of three banners works depends on the country; age matters a little.</summary>
internal static class Simulated
{
    public static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Countries = ["NL", "DE", "FR"];

    public static readonly Outcome Bought = new("bought", OutcomeKind.Boolean) { Window = TimeSpan.FromHours(1) };
    public static readonly Outcome Spent = new("spent", OutcomeKind.Number) { Window = TimeSpan.FromHours(1) };

    public static readonly BlueprintContent Blueprint = new()
    {
        Shape = DecisionShape.Choice,
        Options = [new("red"), new("green"), new("blue")],
        Default = "red",
        Features = [new("country", FeatureKind.Category), new("age", FeatureKind.Number), new("noise", FeatureKind.Number)],
        Outcomes = [Bought, Spent],
        Goal = new() { Terms = [new("bought")] },
        Training = new() { SearchSeconds = 0 },
    };

    public static double Chance(int country, double age, int option) => (option == country ? 0.45 : 0.1) + 0.1 * (age / 80);

    /// <summary>One decision a minute, options drawn evenly, every window closed.</summary>
    /// <param name="signal">1 for the world above, 0 where nothing matters.</param>
    public static IEnumerable<Example> Examples(int rows, long seed, double signal = 1, int version = 1)
    {
        var random = new Philox(seed, "shop");
        for (var i = 0; i < rows; i++)
        {
            int country = random.Below(3), option = random.Below(3);
            double age = 18 + 62 * random.Uniform(), noise = random.Normal();
            var chance = signal * Chance(country, age, option) + (1 - signal) * 0.25;
            var bought = random.Uniform() < chance ? 1.0 : 0;
            yield return new(Decision(i, country, age, noise, option, version), [bought, bought * (10 + age)], [bought, bought * (10 + age)], [true, true], 0);
        }
    }

    public static DecisionRecord Decision(int i, int country, double age, double noise, int option, int version = 1) => new()
    {
        Id = $"d-{i}", DecisionPointId = default, Unit = $"u-{i}", Time = Start.AddMinutes(i), BlueprintVersion = version,
        Option = option, Propensity = 1 / 3.0, Reason = Reason.Explore, Served = Served(Countries[country], age, noise),
    };

    /// <param name="blueprint">Null takes <see cref="Blueprint"/>.</param>
    public static Trainer Trainer(IEnumerable<Example> examples, out ExampleReading reading, bool provisional = false, BlueprintContent? blueprint = null, TimeProvider? clock = null,
        Looper.Core.Learning.SearchLength? again = null)
    {
        var content = blueprint ?? Blueprint;
        var versions = new VersionTable(content, [new(1, content)]);
        reading = new ExampleReading([Bought, Spent], versions, provisional);
        var labels = new double[2];
        foreach (var example in examples) reading.Add(example, labels);
        return new Trainer(content, versions, reading.Examples, clock ?? TimeProvider.System, again);
    }

    private static byte[] Served(string country, double age, double noise)
    {
        var bytes = new byte[64];
        var at = ServedRow.WriteText(bytes, Encoding.UTF8.GetBytes(country));
        at += ServedRow.WriteNumber(bytes.AsSpan(at), age);
        at += ServedRow.WriteNumber(bytes.AsSpan(at), noise);
        return bytes[..at];
    }
}
