using System.Globalization;
using System.Text.Json;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Monitoring;

/// <summary>A guardrail of a running experiment, as its newest report has it.</summary>
/// <param name="Arm">The first arm that harms it; null for none.</param>
/// <param name="Change">What that arm changes, as a fraction of the baseline.</param>
/// <param name="P">That it is no worse than the baseline, over all guardrails and arms (Holm); NaN where none is harmed.</param>
internal sealed record HarmedGuardrail(string Experiment, string Outcome, string? Arm, double Change, double P)
{
    public const string Harmed = "guardrail.harmed";

    /// <summary>Of <see cref="P"/>.</summary>
    public const double Limit = 1 - Readings.GuardrailLevel;

    public string Subject => $"{Outcome} in {Experiment}";

    public string? Condition => Arm is null ? null : Harmed;

    public string Sentence => string.Create(CultureInfo.InvariantCulture,
        $"Experiment `{Experiment}`: arm `{Arm}` harms the guardrail `{Outcome}`{(double.IsFinite(Change) ? FormattableString.Invariant($" ({Change:+0.0%;−0.0%} against the baseline)") : "")}. Look at its report, and stop it unless that is worth it.");

    /// <summary>One per guardrail of each running experiment that has a report.</summary>
    public static async Task<List<HarmedGuardrail>> LookAsync(LooperDb db, Guid point, CancellationToken cancel)
    {
        var looked = new List<HarmedGuardrail>();
        var running = await db.Set<Experiment>().AsNoTracking().Where(e => e.DecisionPointId == point && e.State == ExperimentState.Running).Select(e => new { e.Id, e.Key }).ToListAsync(cancel);
        foreach (var experiment in running)
        {
            var text = await db.Set<Report>().AsNoTracking().Where(r => r.ExperimentId == experiment.Id).OrderByDescending(r => r.ComputedAt).Select(r => r.Content).FirstOrDefaultAsync(cancel);
            if (text is null || Read(text) is not { } report) continue;
            foreach (var metric in report.Metrics.Where(m => !double.IsNaN(m.Margin))) // also an outcome of the goal may be guarded
            {
                var harmed = metric.Comparisons.FirstOrDefault(c => c.Guardrail == GuardrailState.Harmed);
                looked.Add(new(experiment.Key, metric.Outcome, harmed?.Arm, harmed?.Relative.Estimate ?? double.NaN, harmed?.GuardrailP ?? double.NaN));
            }
        }
        return looked;
    }

    private static ReportContent? Read(string text)
    {
        try
        {
            return ExperimentJson.ReadReport(text);
        }
        catch (JsonException)
        {
            return null; // written by a later Looper
        }
    }
}
