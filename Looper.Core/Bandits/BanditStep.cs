using System.Collections.Immutable;
using System.Text.Json;

namespace Looper.Core.Bandits;

/// <summary>What a bandit did in a stretch of time, and what it believed at the end of it.</summary>
/// <param name="At">End of the stretch.</param>
/// <param name="Decisions">Rewarded decisions of the stretch.</param>
/// <param name="Explored">Those that were not what was believed to be best; of rankings the places that did not go to the best of those left.</param>
/// <param name="Reward">Sum of their goal.</param>
/// <param name="Chosen">How often each option was answered; where candidates are sent, the commonest of them by id.</param>
/// <param name="Chances">How likely each option is to be the best, on average over the newest rows at its end; empty where candidates are sent, who are others in each call.</param>
public sealed record BanditStep(
    DateTimeOffset At, long Decisions, long Explored, double Reward, ImmutableSortedDictionary<string, long> Chosen, ImmutableSortedDictionary<string, double> Chances)
{
    /// <summary>Places shown of rankings; 0 for other shapes.</summary>
    public long Places { get; init; }

    /// <summary>How it stood with the guardrails at the end; empty where the goal has none.</summary>
    public ImmutableArray<GuardrailFigure> Guardrails { get; init; } = [];

    /// <summary>Share of decisions that guardrails leave to the baseline; null where the goal has none.</summary>
    public double? Held { get; init; }

    /// <summary>Candidates of which a step tells how often they were picked, the commonest.</summary>
    public const int MostCandidates = 10;

    /// <summary>Steps kept, the newest: a week where something was learned all the time.</summary>
    public const int Most = 1_008;

    /// <summary>What is learned within this time is one step.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(10);

    public static ImmutableArray<BanditStep> Read(string json) => [.. JsonSerializer.Deserialize<BanditStep[]>(json, JsonSerializerOptions.Web) ?? []];

    /// <summary>Up to when decisions have been told. A new version whose windows are longer learns again from before that.</summary>
    public static DateTimeOffset ToldUntil(string json, DateTimeOffset learned) => Read(json) is [.., var last] && last.At > learned ? last.At : learned;

    /// <summary>The steps with one more, which joins the last one when both lie in the same stretch; where its time was told already the last step has what is believed now, and no decisions more.</summary>
    public static string With(string json, BanditStep next)
    {
        var steps = Read(json);
        if (steps is [.., var newest] && next.At < newest.At)
            return JsonSerializer.Serialize(steps.SetItem(steps.Length - 1, newest with { Guardrails = next.Guardrails, Held = next.Held, Chances = next.Chances }), JsonSerializerOptions.Web);
        if (steps is [.., var last] && last.At.Ticks / Length.Ticks == next.At.Ticks / Length.Ticks)
        {
            var chosen = last.Chosen;
            foreach (var (key, count) in next.Chosen) chosen = chosen.SetItem(key, chosen.GetValueOrDefault(key) + count);
            next = next with { Decisions = last.Decisions + next.Decisions, Explored = last.Explored + next.Explored, Reward = last.Reward + next.Reward, Places = last.Places + next.Places, Chosen = chosen };
            steps = steps.RemoveAt(steps.Length - 1);
        }
        return JsonSerializer.Serialize(steps.Add(next).TakeLast(Most), JsonSerializerOptions.Web);
    }
}
