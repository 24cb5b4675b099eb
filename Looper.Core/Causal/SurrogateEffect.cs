namespace Looper.Core.Causal;

/// <summary>The effect of a treatment on an outcome that most units’ time has not come for, predicted from early outcomes (<see cref="SurrogateIndex"/>). Treatment − control, in the outcome’s unit.</summary>
public sealed record SurrogateEffect
{
    /// <summary>The predicted effect on all units; its standard error counts both what units did and what the history taught.</summary>
    public required AverageEffect Effect { get; init; }

    /// <summary>The part of it that the history’s correction makes: far from 0, in standard errors, where h is a bad fit in what the arms differ by.</summary>
    public required double Correction { get; init; }

    /// <summary>The effect on units whose outcome is known, by that outcome alone; undefined where fewer than two are.</summary>
    public required AverageEffect Observed { get; init; }

    /// <summary>Observed less predicted on the units whose outcome is known: the part of the effect that does not pass through the early outcomes, 0 where the assumptions hold.
    /// Undefined where fewer than two are known.</summary>
    public required AverageEffect Unexplained { get; init; }

    /// <summary>Share of the history that it is worth once weighed to be like the units, in (0, 1]: near 0 where it holds hardly any unit like them.</summary>
    public required double Likeness { get; init; }
}
