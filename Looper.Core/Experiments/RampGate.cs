namespace Looper.Core.Experiments;

/// <summary>Whether traffic may rise, from what a report says. Pure.</summary>
public static class RampGate
{
    /// <summary>Null when the next step may be taken, else why it waits: nobody came in, a health check is red, or a guardrail is worse than
    /// its margin allows. What cannot be told yet does not hold: a small share is there to find gross harm, not to prove that there is none.</summary>
    public static string? WhyHeld(ReportContent report)
    {
        if (report.Arms.Sum(a => a.Units) == 0) return "No unit has come in at this share yet.";
        if (report.Health.FirstOrDefault(h => h.State == HealthState.Red) is { } broken) return $"{broken.Title}: {broken.Sentence}";
        foreach (var metric in report.Metrics)
        {
            if (metric.Comparisons.FirstOrDefault(c => c.Guardrail == GuardrailState.Harmed) is { } harmed)
                return $"Guardrail {metric.Outcome} is harmed in arm {harmed.Arm}.";
        }
        return null;
    }
}
