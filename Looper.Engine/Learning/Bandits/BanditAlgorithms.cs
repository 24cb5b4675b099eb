using System.Collections.Immutable;

namespace Looper.Core.Learning.Bandits;

/// <summary>The algorithms by the words that blueprints use.</summary>
public static class BanditAlgorithms
{
    private static readonly ImmutableArray<(string Word, BanditAlgorithm Algorithm)> s_all =
    [
        ("linucb", BanditAlgorithm.LinUcb), ("squarecb", BanditAlgorithm.SquareCb), ("thompson", BanditAlgorithm.Thompson), ("thompson-beta", BanditAlgorithm.ThompsonBeta),
        ("bootstrapped-trees", BanditAlgorithm.BootstrappedTrees), ("epsilon-greedy", BanditAlgorithm.EpsilonGreedy), ("softmax", BanditAlgorithm.Softmax),
    ];

    /// <summary>The default first.</summary>
    public static ImmutableArray<string> Words { get; } = [.. s_all.Select(a => a.Word)];

    /// <summary>The algorithm of a word; null for a word that is none.</summary>
    public static BanditAlgorithm? Find(string? word)
    {
        foreach (var (known, algorithm) in s_all)
            if (known == word) return algorithm;
        return null;
    }
}
