using System.Collections.Immutable;
using Looper.Core;

namespace Looper.Web.Console.Shared;

/// <summary>Tells the person what has just come of their own act. Never the only place where something is said.</summary>
public sealed class Notices
{
    private long _next;

    public ImmutableArray<Notice> All { get; private set; } = [];

    public event Action? Changed;

    /// <summary>It worked: "Published version 8".</summary>
    public void Done(string text) => Add(new(++_next, Tone.Good, text));

    /// <summary>It worked and can be taken back for ten seconds.</summary>
    public void Done(string text, Func<Task> undo) => Add(new(++_next, Tone.Good, text) { Undo = undo });

    /// <summary>A rule said no; nothing changed.</summary>
    public void Show(Refusal refusal) => Add(new(++_next, Tone.Bad, FieldErrors.Parts(refusal) is ({ } name, var reason) ? $"{name}: {reason}" : refusal.Reason));

    /// <summary>Shows the refusal, if there is one.</summary>
    /// <returns>True when there was none.</returns>
    public bool Ok(Refusal? refusal)
    {
        if (refusal is not null) Show(refusal);
        return refusal is null;
    }

    public void Warn(string text) => Add(new(++_next, Tone.Warn, text));

    public void Dismiss(Notice notice)
    {
        All = All.RemoveAll(one => one.Number == notice.Number);
        Changed?.Invoke();
    }

    private void Add(Notice notice)
    {
        All = All.Add(notice);
        if (All.Length > 4) All = All.RemoveAt(0);
        Changed?.Invoke();
    }
}

public sealed record Notice(long Number, Tone Tone, string Text)
{
    public Func<Task>? Undo { get; init; }

    /// <summary>A refusal stays until it is read; a confirmation goes by itself.</summary>
    public TimeSpan? Stays => Tone is Tone.Bad or Tone.Warn ? null : TimeSpan.FromSeconds(Undo is null ? 6 : 10);
}
