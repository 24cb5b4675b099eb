using Looper.Core;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Serving;

namespace Looper.Web.Api.InProcess;

/// <summary>What it takes to record a decision by a version: how it reads a context and what it can answer.</summary>
/// <param name="NotInProcess">Why no app could have decided by it; null where one could.</param>
internal sealed record MadeVersion(ContextReader Reader, AnswerSet Answers, Refusal? NotInProcess)
{
    public static MadeVersion Of(BlueprintSnapshot serving) =>
        new(new(serving.Features), serving.Answers, InProcessRules.Fault(serving.Version, serving.Answers.Shape, serving.Features, serving.Durable));

    /// <summary>Null where the text is no version that can be read.</summary>
    public static MadeVersion? Of(int version, string stored)
    {
        try
        {
            return BlueprintJson.Readable(stored) is { } content && AnswerSet.Of(content).Value is { } answers
                ? new(new(content.Features), answers, InProcessRules.Fault(version, content.Shape, content.Features, content.Durable)) : null;
        }
        catch (Exception) // whatever the text holds
        {
            return null;
        }
    }
}
