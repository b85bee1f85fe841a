// What can go wrong, in words for people.
//
// Every failure of the backend has a slug as its message (`video_not_found`), stable and made to
// be compared with. RPC answers carry it as `error.message`, /api answers as `error.message` in
// their envelope. Never show `details` of an unknown failure: show the sentence for its slug.

export class Failure extends Error {
  constructor(slug, { details = null, hint = null } = {}) {
    super(slug);
    this.slug = slug;
    this.details = details;
    this.hint = hint;
  }

  get sentence() {
    const known = sentences[this.slug];
    if (typeof known === 'function') return known(this);
    return known ?? 'Something went wrong. Try again in a moment.';
  }
}

// What supabase-js gives as `error`. It has no code when there was no answer at all.
export function fromSupabase(error) {
  if (!error.code) return new Failure('network');
  // A token that ran out or is not ours: PostgREST's word for it, as on Supabase.
  if (error.code === 'PGRST301' || error.code === 'PGRST303') return new Failure('invalid_token');
  // Postgres itself: this function is for people who are signed in.
  if (error.code === '42501') return new Failure('sign_in_required');
  return new Failure(error.message, error);
}

// A fetch that says so when there is no network.
export async function reach(address, options) {
  try {
    return await fetch(address, options);
  } catch {
    throw new Failure('network');
  }
}

const later = ({ hint }) => hint ?? 'Try again in a moment.';

export const sentences = {
  network: 'There is no connection. Try again when you are online.',
  invalid_token: 'Your login has ended. Sign in again.',
  sign_in_required: 'Sign in first.',
  suspended: ({ details }) => `You cannot do this. ${details ?? 'You are suspended.'}`,
  rate_limited: (failure) => `That was a little fast. ${later(failure)}`,
  busy: (failure) => `A lot is going on just now. ${later(failure)}`,

  video_not_found: 'This video is gone.',
  video_expired: 'This video has reached its age and is gone.',
  page_invalid: 'There is no such page.',
  page_size_invalid: 'There is no such page.',

  comment_empty: 'Write something first.',
  comment_too_long: 'A comment may have 1000 characters.',
  comment_invalid: 'This comment has characters that nobody could see.',
  comment_not_found: 'This comment is gone.',
  request_id_reused: 'This was sent before with another text. Send it again.',

  username_invalid: 'A name has 3 to 30 of a to z, 0 to 9, _ and dot.',
  username_taken: 'Somebody else has this name.',
  avatar_invalid: 'This picture cannot be used.',

  title_too_long: 'The title is too long.',
  title_invalid: 'The title has characters that nobody could see.',
  description_too_long: 'The description is too long.',
  description_invalid: 'The description has characters that nobody could see.',
  file_missing: 'Choose a file, or take the sample.',
  upload_type_unsupported: 'Only mp4 and mov videos can be uploaded.',
  upload_too_large: 'This file is too large.',
  too_many_open_uploads: 'You have begun many uploads. Finish one, or wait half an hour.',
  upload_refused: 'The file was refused. Is it really a video?',
  upload_mismatch: 'What arrived is not the video you announced. Upload it again.',
  upload_not_found: 'The file did not arrive. Upload it again.',
  upload_expired: 'That took too long. Upload it again.',
  upload_conflict: 'This upload was used before. Upload it again.',
  uploads_not_configured: 'Uploads are switched off here.',
  upload_cancelled: 'Cancelled.',
  upload_waits: 'Your file is safe. It is published as soon as the media service answers.',

  video_unplayable: 'This video cannot be played here.',
};
