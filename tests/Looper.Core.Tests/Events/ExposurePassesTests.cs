using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Numerics;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events;

/// <summary>Units that would take too much memory are read in several passes, and nobody can tell.</summary>
public sealed class ExposurePassesTests : IDisposable
{
    private static readonly DateTimeOffset s_noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private readonly string _directory = Directory.CreateTempSubdirectory("looper").FullName;

    [Theory, InlineData(1, null), InlineData(40_000, null), InlineData(40_000, 30)] // identity
    public async Task Several_passes_give_the_units_of_one(long mostBytes, int? slotMinutes)
    {
        await using var open = new OpenJournal(_directory);
        var experiment = Guid.CreateVersion7(s_noon);
        var random = new Philox(5);
        List<DecisionRecord> decisions = [];
        List<ObservationRecord> observations = [];
        for (var i = 0; i < 2_500; i++)
        {
            var (unit, at) = ($"u{random.Below(900)}", s_noon.AddMinutes(i / 4));
            decisions.Add(Recorded.Decision($"d{i}", unit: unit, time: at, experiment: i % 7 == 0 ? null : experiment, arm: unit.Length % 2));
            for (var k = 0; k < random.Below(3); k++)
                observations.Add(Recorded.Observation($"o{i}-{k}", $"d{i}", outcome: "revenue", value: random.Uniform(), time: at.AddMinutes(random.Below(90))));
            if (i % 5 == 0) observations.Add(Recorded.Observation($"p{i}", unit: unit, outcome: "revenue", value: random.Uniform(), time: at.AddMinutes(3)));
        }

        await open.Journal.AppendAsync([.. decisions], durable: true, default);
        await open.Journal.AppendAsync([.. observations.Select(o => new[] { o })], default);
        var sum = new Outcome("revenue", OutcomeKind.Number) { Aggregation = Aggregation.Sum, Window = TimeSpan.FromHours(1) };
        var query = new ExposureQuery(Recorded.Banner, experiment, [sum, sum with { Aggregation = Aggregation.First }])
        {
            Measures = [Measure.Before(sum, TimeSpan.FromHours(1)), new(sum) { KeepsEvents = true }],
            AsOf = s_noon.AddDays(2),
            Slots = slotMinutes is { } minutes ? new(minutes, 0) : null,
        };
        var whole = await open.Exposures.ReadAsync(query, default).ToListAsync();
        var parts = await open.Exposures.ReadAsync(query with { MostBytes = mostBytes }, default).ToListAsync();
        Assert.True(whole.Count > 700, $"{whole.Count} units");
        Assert.Equal(whole.Select(Text), parts.Select(Text));
        Assert.Empty(Directory.GetFiles(_directory, "*.units"));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static string Text(ExposedUnit unit) => string.Join(' ', [unit.Decision.Id, unit.Decision.Unit, .. unit.Values, .. unit.SoFar, .. unit.Closed, unit.Decisions, unit.SawOtherArms,
        .. unit.Events.SelectMany(e => e).Select(e => $"{e}")]);
}
