using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Looper.Core.Studies;

internal sealed class StudyMapping : IEntityTypeConfiguration<Study>
{
    public void Configure(EntityTypeBuilder<Study> builder)
    {
        builder.ToTable("studies");
        builder.HasIndex(s => s.DecisionPointId);
        builder.HasIndex(s => s.State);
        builder.Property(s => s.Name).HasMaxLength(200);
        builder.Property(s => s.Reason).HasMaxLength(Study.MaxReason);
        builder.Property(s => s.CreatedBy).HasMaxLength(200);
    }
}

internal sealed class StudyTrialMapping : IEntityTypeConfiguration<StudyTrial>
{
    public void Configure(EntityTypeBuilder<StudyTrial> builder)
    {
        builder.ToTable("study_trials");
        builder.HasIndex(t => new { t.StudyId, t.Number }).IsUnique(); // two processes that propose at once: one of them wins
        builder.Property(t => t.Why).HasMaxLength(60);
        builder.Property(t => t.Note).HasMaxLength(2000);
    }
}
