namespace Looper.Core.Access;

/// <summary>One ladder; each role includes the one before.</summary>
public enum Role
{
    Viewer,
    Analyst,
    Engineer,
    Approver,
    Admin,
}

/// <summary>What a rule asks for. Each right belongs to the lowest role that has it.</summary>
public enum Right
{
    Read,
    ReadRows,
    Analyse,
    Reveal,
    EditDrafts,
    Train,
    Publish,
    RunExperiments,
    Stop,
    ManageOwnKeys,
    Approve,
    ReadAudit,
    Administer,
}

public static class Rights
{
    /// <summary>The lowest role that has <paramref name="right"/>.</summary>
    public static Role Needs(Right right) => right switch
    {
        Right.Read => Role.Viewer,
        Right.ReadRows or Right.Analyse => Role.Analyst,
        Right.Reveal or Right.EditDrafts or Right.Train or Right.Publish or Right.RunExperiments or Right.Stop or Right.ManageOwnKeys => Role.Engineer,
        Right.Approve or Right.ReadAudit => Role.Approver,
        _ => Role.Admin,
    };
}
