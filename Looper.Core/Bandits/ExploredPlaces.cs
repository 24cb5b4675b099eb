using Looper.Core.Events;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Bandits;

/// <summary>Which places of a ranking did not go to the one that was believed to be the best of those left.</summary>
internal static class ExploredPlaces
{
    /// <summary>One per place shown: none where all went as preferred, else by the estimates of that moment. Where there were none of those, all.</summary>
    public static bool[] Of(DecisionRecord decision, ServedCandidates sent)
    {
        var explored = new bool[sent.Drawn];
        if (decision.Reason == Reason.Policy) return explored; // guardrails may leave it to the order as sent, and then that is preferred
        if (decision.Scores.Length != sent.Count)
        {
            Array.Fill(explored, decision.Reason == Reason.Explore);
            return explored;
        }
        var best = double.NegativeInfinity;
        for (var place = sent.Count - 1; place >= 0; place--)
        {
            var score = decision.Scores[sent.At(place)];
            best = Math.Max(best, score);
            if (place < explored.Length) explored[place] = score < best;
        }
        return explored;
    }
}
