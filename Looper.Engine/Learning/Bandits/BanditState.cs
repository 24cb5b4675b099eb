using System.Collections.Immutable;

namespace Looper.Core.Learning.Bandits;

/// <summary>All that a bandit has learned at a moment: what is kept, and what the next one goes on from.</summary>
/// <param name="Options">Keys of the options, in the order of the statistics.</param>
/// <param name="Design">What rows become.</param>
/// <param name="Statistics">Sums over the rewarded rows.</param>
/// <param name="Trees">Grown for <see cref="BanditAlgorithm.BootstrappedTrees"/> only.</param>
public sealed record BanditState(ImmutableArray<string> Options, BanditDesign Design, BanditStatistics Statistics, TreeBandit? Trees)
{
    /// <summary>The one entry of <see cref="Options"/> where candidates share what is known.</summary>
    public static ImmutableArray<string> OfCandidates { get; } = ["@candidate"];

    /// <summary>One entry for each band of places of a ranking, whose candidates share what is known: see <see cref="PlaceEffects"/>.</summary>
    /// <param name="places">Places shown, at least 1.</param>
    public static ImmutableArray<string> OfPlaces(int places) => [.. Enumerable.Range(0, PlaceEffects.Bands(places)).Select(band => $"@place-{band}")];

    /// <summary>Candidates share what is known; their places are told apart.</summary>
    public bool IsOfPlaces => Options is [var first, ..] && first == OfPlaces(1)[0];

    /// <summary>Candidates share what is known.</summary>
    public bool IsOfCandidates => IsOfPlaces || Options.SequenceEqual(OfCandidates);

    /// <summary>What was learned of the goal's guardrails; null where it has none.</summary>
    public BanditGuards? Guards { get; init; }

    /// <summary>The rule that serves, before the share that <see cref="Guards"/> leave to the baseline.</summary>
    /// <param name="options">Keys in the order that is asked for. One that nothing is known of has no rows; trees and guards know all or none.</param>
    /// <returns>Null when nothing is known that this algorithm could use.</returns>
    public IBandit? Compile(BanditSettings settings, ImmutableArray<string> options)
    {
        var penalties = Guards?.Penalties ?? [];
        if ((settings.Algorithm == BanditAlgorithm.BootstrappedTrees || Guards is not null) && !Options.SequenceEqual(options)) return null;
        if (settings.Algorithm == BanditAlgorithm.BootstrappedTrees) return Trees?.With(settings.Explore, penalties);
        var statistics = new BanditStatistics(options.Length, Design.Width);
        for (var a = 0; a < options.Length; a++)
            if (Options.IndexOf(options[a]) is >= 0 and var known) statistics.Options[a].Add(Statistics.Options[known]);
        return settings.Algorithm == BanditAlgorithm.ThompsonBeta ? BetaBandit.Of(statistics, settings, penalties) : LinearBandit.Of(statistics, settings, penalties);
    }
}
