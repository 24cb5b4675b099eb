using System.Collections.Immutable;

namespace Looper.Core.Serving;

/// <summary>Why a decision came out as it did. Values are stored: never renumber.</summary>
public enum Reason : byte
{
    /// <summary>The policy preferred this option.</summary>
    Policy = 1,

    /// <summary>Drawn at random so that there is something to learn from.</summary>
    Explore = 2,

    /// <summary>The unit's arm fixes the option.</summary>
    Experiment = 3,

    /// <summary>The unit is held out, or outside the rollout: it gets the baseline.</summary>
    Holdout = 4,

    /// <summary>The unit is a tester of an arm; what it does counts in no analysis.</summary>
    Override = 5,
    DefaultNoModel = 6,
    DefaultInvalidContext = 7,
    DefaultPaused = 8,
    DefaultError = 9,

    /// <summary>As <see cref="Policy"/> or <see cref="Explore"/>, but answered from the last good snapshot.</summary>
    Stale = 10,
}

public static class ReasonWords
{
    /// <summary>As the API and the console write it.</summary>
    public static string Word(this Reason reason) => reason switch
    {
        Reason.Policy => "policy",
        Reason.Explore => "explore",
        Reason.Experiment => "experiment",
        Reason.Holdout => "holdout",
        Reason.Override => "override",
        Reason.DefaultNoModel => "default-no-model",
        Reason.DefaultInvalidContext => "default-invalid-context",
        Reason.DefaultPaused => "default-paused",
        Reason.DefaultError => "default-error",
        Reason.Stale => "stale",
        _ => "unknown",
    };

    /// <summary>Every one, in the order of its number.</summary>
    public static ImmutableArray<Reason> All { get; } = [.. Enum.GetValues<Reason>()];

    /// <summary>The blueprint's default was answered because nothing else could be.</summary>
    public static bool IsDefault(this Reason reason) => reason is >= Reason.DefaultNoModel and <= Reason.DefaultError;
}
