namespace Looper.Core.Models;

public enum ModelState
{
    Candidate,
    Shadow,
    Live,
    Retired,
}

/// <summary>A trained predictor of one outcome of one decision point, with its lineage.</summary>
public sealed class Model
{
    public Guid Id { get; init; }
    public Guid DecisionPointId { get; init; }

    /// <summary>Numbered from 1 per decision point, over all outcomes.</summary>
    public int Number { get; init; }

    public string Outcome { get; init; } = "";
    public ModelState State { get; set; }
    public int BlueprintVersion { get; init; }
    public string Family { get; init; } = "";
    public long Seed { get; init; }
    public DateTimeOffset DataFrom { get; init; }
    public DateTimeOffset DataUntil { get; init; }
    public long Rows { get; init; }
    public DateTimeOffset TrainedAt { get; init; }
    public double TrainSeconds { get; init; }
    public Guid? JobRunId { get; init; }

    /// <summary>JSON: metrics on the newest slice, beside always predicting the average.</summary>
    public string Metrics { get; init; } = "{}";

    /// <summary>JSON: importance per feature.</summary>
    public string Importance { get; init; } = "[]";

    /// <summary>JSON: how its predictions move with its features.</summary>
    public string Behaviour { get; init; } = "{}";

    /// <summary>JSON: the data it was made from.</summary>
    public string Data { get; init; } = "{}";

    /// <summary>JSON: data checks, selected features and tried settings.</summary>
    public string Preparation { get; init; } = "{}";

    /// <summary>JSON: how each feature and the outcome were spread where it learned; what drift is measured against.</summary>
    public string Profile { get; init; } = "{}";

    /// <summary>JSON: the latest comparison with the live model on live decisions.</summary>
    public string Shadow { get; set; } = "{}";

    /// <summary>JSON: how it was made.</summary>
    public string Settings { get; init; } = "{}";

    /// <summary>JSON: why it was, or was not, promoted.</summary>
    public string Evidence { get; set; } = "{}";

    /// <summary>The artefact, in the versioned checksummed format of <c>Learning</c>: data, never code.</summary>
    public byte[] Artefact { get; init; } = [];

    public DateTimeOffset? ShadowedAt { get; set; }
    public DateTimeOffset? PromotedAt { get; set; }
    public DateTimeOffset? RetiredAt { get; set; }
    public long Revision { get; set; }

    /// <summary>Null on success, else why nothing changed.</summary>
    public Refusal? Promote(DateTimeOffset at)
    {
        if (State == ModelState.Live) return new("model.already-live", $"Model {Number} is live already.");
        (State, PromotedAt, RetiredAt) = (ModelState.Live, at, null);
        return null;
    }

    /// <summary>From now on it scores what is decided, beside the live model, and answers nothing.</summary>
    /// <inheritdoc cref="Promote"/>
    public Refusal? BeginShadow(DateTimeOffset at)
    {
        if (State != ModelState.Candidate) return new("model.not-a-candidate", $"Model {Number} is {State.ToString().ToLowerInvariant()}; only a candidate can go into the shadow.");
        (State, ShadowedAt) = (ModelState.Shadow, at);
        return null;
    }

    /// <inheritdoc cref="Promote"/>
    public Refusal? Retire(DateTimeOffset at)
    {
        if (State == ModelState.Retired) return new("model.already-retired", $"Model {Number} is retired already.");
        (State, RetiredAt) = (ModelState.Retired, at);
        return null;
    }
}
