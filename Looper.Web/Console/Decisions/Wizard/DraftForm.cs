using System.Collections.Immutable;
using System.Text;
using Looper.Core;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Samples;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Decisions.Wizard;

/// <summary>A draft under the editor's hands: what has been typed, and what of it is saved.</summary>
public sealed class DraftForm
{
    private readonly HashSet<string> _left = [];
    private bool _keyTyped;

    public DraftForm(DraftView view)
    {
        (Id, DecisionPointId, CurrentVersion) = (view.Id, view.DecisionPointId, view.CurrentVersion);
        Take(view);
    }

    public Guid Id { get; }
    public Guid? DecisionPointId { get; }

    /// <summary>What it is shown against, and what it may replace.</summary>
    public int CurrentVersion { get; private set; }

    public bool IsNew => DecisionPointId is null;
    public string Key { get; private set; } = "";
    public string Name { get; private set; } = "";
    public string Description { get; private set; } = "";
    public BlueprintContent Content { get; private set; } = null!;
    public long Revision { get; private set; }
    public DateTimeOffset SavedAt { get; private set; }

    /// <summary>Grows with every edit: what was saved is compared with it.</summary>
    public long Edits { get; private set; }

    public long SavedEdits { get; private set; }
    public bool IsSaved => Edits == SavedEdits;

    /// <summary>The sample last read in this session; never stored.</summary>
    public InferredSample? Sample { get; set; }

    /// <summary>The same of candidates.</summary>
    public InferredSample? CandidateSample { get; set; }

    public IReadOnlyList<Refusal> Faults { get; private set; } = [];

    /// <summary>A page that shows the form listens here.</summary>
    public event Action? Changed;

    public DraftChange Change => new(Key, Name, Description.Length == 0 ? null : Description, Content);

    /// <summary>Faults of one step, of fields that were left once or when the whole is asked for.</summary>
    public FieldErrors Errors(bool all = false) => new(Faults.Where(f => all || (f.Field is { } field && _left.Any(l => field == l || field.StartsWith(l, StringComparison.Ordinal)))));

    public void Left(string field)
    {
        if (_left.Add(field)) Changed?.Invoke();
    }

    public void SetName(string name)
    {
        Name = name;
        if (IsNew && !_keyTyped) Key = KeyOf(name);
        Edited();
    }

    public void SetKey(string key)
    {
        (Key, _keyTyped) = (key.Trim(), true);
        Edited();
    }

    public void SetDescription(string description)
    {
        Description = description;
        Edited();
    }

    public void Set(Func<BlueprintContent, BlueprintContent> edit)
    {
        Content = edit(Content);
        Edited();
    }

    /// <summary>Another version has become current.</summary>
    public void ShowAgainst(int version)
    {
        if (version == CurrentVersion) return;
        CurrentVersion = version;
        Changed?.Invoke();
    }

    /// <summary>What is on screen is what is stored.</summary>
    public void Saved(DraftView view, long edits)
    {
        (Revision, SavedAt, SavedEdits) = (view.Revision, view.ChangedAt, edits);
        Changed?.Invoke();
    }

    /// <summary>Puts somebody's stored version on screen.</summary>
    public void Take(DraftView view)
    {
        (Key, Name, Description, Content) = (view.Key, view.Name, view.Description ?? "", view.Content);
        (Revision, SavedAt, SavedEdits) = (view.Revision, view.ChangedAt, Edits);
        _keyTyped = Key.Length > 0 && Key != KeyOf(Name);
        Check();
        Changed?.Invoke();
    }

    /// <summary>Keeps what is on screen, to be saved on top of what somebody else stored.</summary>
    public void KeepOver(DraftView theirs)
    {
        Revision = theirs.Revision;
        Edited();
    }

    private void Edited()
    {
        Edits++;
        Check();
        Changed?.Invoke();
    }

    private void Check() => Faults = [.. BlueprintRules.CheckNames(Key, Name, Description), .. BlueprintRules.Check(Content)];

    /// <summary>A key made from a name: lower-case words joined by hyphens.</summary>
    internal static string KeyOf(string name)
    {
        var key = new StringBuilder();
        foreach (var c in name.Normalize(NormalizationForm.FormD).ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c)) key.Append(c);
            else if ((char.IsWhiteSpace(c) || c is '-' or '_' or '/' or '.') && key.Length > 0 && key[^1] != '-') key.Append('-');
        }
        return key.ToString(0, Math.Min(key.Length, BlueprintRules.MaxKey)).Trim('-');
    }
}

/// <summary>The five steps, by the word in their address.</summary>
public sealed record WizardStep(string Slug, string Title, ImmutableArray<string> Fields)
{
    public static ImmutableArray<WizardStep> All { get; } =
    [
        new("decision", "What decision", ["key", "name", "description", "shape", "unitName", "options", "positions", "range", "default"]),
        new("send", "What you send", ["features", "candidateFeatures"]),
        new("measure", "What you measure", ["outcomes", "goal"]),
        new("start", "How to start", ["policy", "rollout", "training"]),
        new("review", "Review", []),
    ];

    public bool Owns(Refusal fault) => Fields.Any(f => fault.Field?.StartsWith(f, StringComparison.Ordinal) is true);

    public static WizardStep Of(string? field) => All.FirstOrDefault(s => s.Fields.Any(f => field?.StartsWith(f, StringComparison.Ordinal) is true)) ?? All[0];
}
