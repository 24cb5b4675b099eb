using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Serving.Explanations;

namespace Looper.Core.Serving.Candidates;

/// <summary>Predicts the goal of every candidate: Σ weight × prediction, a lower-is-better outcome counted against.</summary>
internal sealed class CandidateScorer
{
    private readonly ImmutableArray<Term> _terms;

    private CandidateScorer(ImmutableArray<Term> terms, int modelNumber) => (_terms, ModelNumber) = (terms, modelNumber);

    /// <summary>Not every outcome of the goal has a live model yet.</summary>
    public static CandidateScorer None { get; } = new([], 0);

    /// <summary>A live model cannot be read.</summary>
    private static CandidateScorer Broken { get; } = new([], 0) { IsBroken = true };

    public bool IsReady => !_terms.IsEmpty;
    public bool IsBroken { get; private init; }

    /// <summary>Highest number among the models.</summary>
    public int ModelNumber { get; }

    /// <summary>The goal's terms were checked.</summary>
    public static CandidateScorer Compile(BlueprintContent content, IReadOnlyDictionary<string, LiveModel> models)
    {
        var goal = content.Goal.Terms;
        if (goal.IsEmpty || goal.Any(t => !models.ContainsKey(t.Outcome))) return None;
        if (goal.Any(t => !models[t.Outcome].HasOneOutput)) return Broken;
        var terms = goal.Select(t =>
        {
            var predictor = models[t.Outcome].Predictor!;
            var sign = content.Outcomes.First(o => o.Name == t.Outcome).Better == Direction.Higher ? 1 : -1;
            return new Term(
                new(predictor.Columns, content.Features, []), new(predictor.Columns, content.CandidateFeatures, []), predictor, sign * t.Weight, t.Outcome, models[t.Outcome].Number,
                PositionColumn(predictor));
        });
        return new CandidateScorer([.. terms], goal.Max(t => models[t.Outcome].Number));
    }

    /// <summary>Writes the scores of all candidates; false when one is not a finite number.</summary>
    public bool Score(DecisionWorkspace workspace)
    {
        var set = workspace.Candidates;
        var scores = set.ScoreBuffer;
        scores.Clear();
        foreach (var term in _terms)
        {
            var row = workspace.Row(term.Context.Width);
            term.Context.Encode(workspace.Served, row);
            term.AtTheTop(row);
            for (var i = 0; i < scores.Length; i++)
            {
                term.Candidate.EncodeOver(set.Served(i), row);
                scores[i] += term.Coefficient * term.Predictor.Predict(row);
            }
        }
        foreach (var score in scores)
        {
            if (!double.IsFinite(score)) return false;
        }
        set.HasScores = true;
        return true;
    }

    /// <summary>What moved the predictions of one candidate, outcome by outcome.</summary>
    /// <param name="context">The context's features as served.</param>
    /// <param name="candidate">The candidate's.</param>
    public ImmutableArray<OutcomeExplanation> Explain(ReadOnlySpan<byte> context, ReadOnlySpan<byte> candidate)
    {
        var explained = ImmutableArray.CreateBuilder<OutcomeExplanation>(_terms.Length);
        foreach (var term in _terms)
        {
            var (row, contributions) = (new double[term.Context.Width], new double[term.Context.Width]);
            term.Context.Encode(context, row);
            term.AtTheTop(row);
            term.Candidate.EncodeOver(candidate, row);
            var margin = Margin.Of(term.Predictor, row, contributions);
            explained.Add(OutcomeExplanation.Of(term.Outcome, term.Model, term.Coefficient, margin, term.Predictor.Columns, contributions));
        }
        return explained.MoveToImmutable();
    }

    private static int PositionColumn(TrainedPredictor predictor)
    {
        for (var i = 0; i < predictor.Columns.Length; i++)
        {
            if (predictor.Columns[i].Name == BlueprintContent.PositionFeature) return i;
        }
        return -1;
    }

    private readonly record struct Term(
        ModelEncoder Context, ModelEncoder Candidate, TrainedPredictor Predictor, double Coefficient, string Outcome, int Model, int PositionColumn)
    {
        /// <summary>All candidates are compared as if each stood first, so that what a place brings by itself lifts none of them.</summary>
        public void AtTheTop(Span<double> row)
        {
            if (PositionColumn >= 0) row[PositionColumn] = 1;
        }
    }
}
